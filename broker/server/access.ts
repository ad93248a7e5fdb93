/**
 * Who may do what on the broker.
 *
 * | role    | publishes                                                        | subscribes to                        |
 * | ------- | ---------------------------------------------------------------- | ------------------------------------ |
 * | edge    | births, data and deaths of its own node and devices, not retained | its own NCMD and DCMD; STATE of hosts |
 * | host    | NCMD and DCMD to anybody, not retained; its STATE                 | everything in spBv1.0                |
 * | monitor | nothing                                                          | everything                           |
 *
 * Nobody publishes to `$…`, and nobody gets `$share/…`: aedes would grant it and deliver nothing.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { NAMESPACE } from "../sparkplug/topics.ts";

export type Access =
  | { readonly role: "edge"; readonly campus: string; readonly node: string }
  /** With `hostId` it publishes that host's STATE only, without it any. */
  | { readonly role: "host"; readonly hostId?: string }
  | { readonly role: "monitor" };

export interface Credentials {
  readonly access: Access;
  readonly passwordDigest: Buffer;
}

export function digest(password: string | Buffer): Buffer {
  return createHash("sha256").update(password).digest();
}

const NOBODY: Credentials = { access: { role: "monitor" }, passwordDigest: digest("") };

/** The access of a user whose password is right. Takes the same time whether the name or the password is wrong. */
export function authenticate(
  users: ReadonlyMap<string, Credentials>,
  name: string | undefined,
  password: Buffer | undefined,
): Access | undefined {
  const known = name === undefined ? undefined : users.get(name);
  const { access, passwordDigest } = known ?? NOBODY;
  const same = timingSafeEqual(digest(password ?? ""), passwordDigest);
  return same && known !== undefined ? access : undefined;
}

const NODE_REPORTS: readonly string[] = ["NBIRTH", "NDATA", "NDEATH"];
const DEVICE_REPORTS: readonly string[] = ["DBIRTH", "DDATA", "DDEATH"];

export function mayPublish(access: Access, topic: string, retain: boolean): boolean {
  const levels = topic.split("/");
  const [namespace, group, type, node, device] = levels;
  if (namespace !== NAMESPACE) return false;
  switch (access.role) {
    case "edge": {
      if (retain || group !== access.campus || node !== access.node || type === undefined) return false;
      if (NODE_REPORTS.includes(type)) return levels.length === 4;
      return DEVICE_REPORTS.includes(type) && levels.length === 5 && device !== "";
    }
    case "host": {
      if (group === "STATE") {
        return levels.length === 3 && type !== "" && (access.hostId === undefined || type === access.hostId);
      }
      if (retain) return false;
      return (type === "NCMD" && levels.length === 4) || (type === "DCMD" && levels.length === 5);
    }
    case "monitor":
      return false;
  }
}

export function maySubscribe(access: Access, filter: string): boolean {
  if (filter === "$share" || filter.startsWith("$share/")) return false;
  const levels = filter.split("/");
  const [namespace, group, type, node, device] = levels;
  switch (access.role) {
    case "edge": {
      if (namespace !== NAMESPACE) return false;
      if (group === "STATE") return levels.length === 3 && type !== undefined && type !== "#";
      if (group !== access.campus || node !== access.node) return false;
      if (type === "NCMD") return levels.length === 4;
      return type === "DCMD" && levels.length === 5 && device !== "#";
    }
    case "host":
      return namespace === NAMESPACE;
    case "monitor":
      return true;
  }
}
