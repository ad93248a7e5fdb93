/**
 * All workers of a role as one part: what names a campus is asked of its holder, lists are asked of all of them and put
 * together, and what is computed over several campuses is asked of a worker, which asks its fellows (`rules/city`). Nothing is
 * answered in part: a list without a campus that changes hands would look like a campus where nothing happens.
 */

import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Role } from "@campus-ops/service/workers";
import { Response } from "undici";
import { mergedStream } from "./merged-stream.ts";

/** What it needs of the directory of workers. */
export interface Holders {
  client(role: Role, campus: string): SocketClient;
}

type Init = Parameters<SocketClient["fetch"]>[1];
type Answer = Awaited<ReturnType<SocketClient["fetch"]>>;

/** Lists: put together, the newest first by that field where order and number count. */
const LISTS: Readonly<Record<string, string | undefined>> = {
  "/alarms": "raisedAt",
  "/events": "eventTime",
  "/raisings": undefined,
  "/devices": undefined,
  "/nodes": undefined,
  "/rollups": undefined,
};

/** Computed over several campuses by the workers of rules. */
const FOLDED =
  /^\/(use(\/left-on(\/records)?)?|health\/(figures|failures|models|bandwidth(\/rooms)?)|alarm-figures|performance|channels|desks(\/[^/]+\/(summary|hand-overs))?|back-tests(\/[^/]+)?|drills(\/[^/]+)?|suppressions(\/[^/]+)?)$/;

/** The same at every worker, or of no campus: whoever has the first one answers. */
const ANYWHERE =
  /^\/(rules|packs|calendar|standards|retention|settings|restart|channels|evidence|query|flows|services)(\/|$)/;

/** Things that one campus has, by their id. */
const BY_ID = /^\/(alarms|commands)\/([^/?]+)/;
/** Ids whose campus is remembered; the one that was asked for longest ago gives way. */
const OWNERS_MAX = 20_000;

export function cityClient(holders: Holders, role: Role, campuses: readonly string[]): SocketClient {
  const of = (campus: string): SocketClient => holders.client(role, campus);
  const all = (path: string, init?: Init): Promise<readonly Answer[]> =>
    Promise.all(campuses.map((campus) => of(campus).fetch(path, init)));
  const owners = new Map<string, string>();
  return {
    fetch: async (path, init) => {
      const url = new URL(path, "http://city");
      const { pathname, searchParams } = url;
      const isGet = (init?.method ?? "GET") === "GET";
      if (pathname === "/stream")
        return mergedStream(campuses, of, searchParams.get("after") ?? undefined, init?.signal ?? undefined);
      const campus = campusIn(campuses, url, init);
      if (campus !== undefined) return of(campus).fetch(path, init);
      if (isGet && Object.hasOwn(LISTS, pathname)) return listed(await all(path, init), url, LISTS[pathname]);
      if (isGet && pathname === "/healthz") return healthy(await all(path, init));
      const [, kind = "alarms", id = searchParams.get("alarm")] = BY_ID.exec(pathname) ?? [];
      if (id !== null) return owned(kind, id, path, init);
      const [first] = campuses;
      if (first !== undefined && role === "rules" && FOLDED.test(pathname))
        return of(first).fetch(`/city${path}`, init);
      if (first !== undefined && ANYWHERE.test(pathname)) return of(first).fetch(path, init);
      return refused(
        501,
        "Not with several workers",
        `${pathname} is about one campus, and names none; see docs/scale-out.md`,
      );
    },
    close: async () => undefined,
  };

  /** Whoever knows the thing is asked. */
  async function owned(kind: string, id: string, path: string, init: Init): Promise<Answer> {
    const key = `${kind}/${id}`;
    const campus = owners.get(key) ?? (await ownerOf(kind, id, init));
    if (campus === undefined) return refused(404, "Not found", `no worker knows ${id}`);
    owners.delete(key);
    owners.set(key, campus);
    for (const oldest of owners.keys()) {
      if (owners.size <= OWNERS_MAX) break;
      owners.delete(oldest);
    }
    return of(campus).fetch(path, init);
  }

  /** A campus that changes hands keeps nobody from what another one has. Rejects where only it could know. */
  async function ownerOf(kind: string, id: string, init: Init): Promise<string | undefined> {
    const signal = init?.signal ?? null;
    const asked = await Promise.allSettled(
      campuses.map(async (campus) => {
        const known = await of(campus).fetch(`/${kind}/${id}`, { signal });
        await known.body?.cancel();
        return known.ok ? campus : undefined;
      }),
    );
    const found = asked.flatMap((each) => (each.status === "fulfilled" ? (each.value ?? []) : []));
    if (found[0] !== undefined) return found[0];
    for (const each of asked) if (each.status === "rejected") throw each.reason;
    return undefined;
  }
}

/** The one campus that a request is about: asked for, in its path, or in its body as a device or a place. */
function campusIn(
  campuses: readonly string[],
  { pathname, searchParams }: URL,
  init: Init,
): string | undefined {
  const named = (places: readonly string[]): string | undefined => {
    const parts = places.flatMap((place) => place.split("/"));
    return campuses.find((campus) => parts.includes(campus));
  };
  const scopes = searchParams.get("scopes")?.split(",") ?? [];
  const ofScopes = new Set(scopes.map((scope) => named([scope])));
  const [only] = ofScopes;
  if (ofScopes.size === 1 && only !== undefined) return only;
  const asked = ["campus", "device", "path", "scope"].flatMap((key) => searchParams.get(key) ?? []);
  // Desks, rules and others may be called as a campus is.
  if (/^\/(devices|telling|school-time)\//.test(pathname)) asked.push(pathname);
  return named([...asked, ...placesIn(init)]);
}

function placesIn(init: Init): readonly string[] {
  if (typeof init?.body !== "string") return [];
  const { campus, device, path, scope } = JSON.parse(init.body) as Record<string, unknown>;
  return [campus, device, path, scope].filter((each) => typeof each === "string");
}

async function listed(
  answers: readonly Answer[],
  { searchParams }: URL,
  newestBy: string | undefined,
): Promise<Answer> {
  const problem = answers.find(({ ok }) => !ok);
  if (problem !== undefined) return problem;
  const rows = (await Promise.all(answers.map((answer) => answer.json()))).flat() as Record<
    string,
    unknown
  >[];
  if (newestBy === undefined) return Response.json(rows);
  rows.sort((a, b) => Number(b[newestBy]) - Number(a[newestBy]));
  const limit = searchParams.get("limit");
  return Response.json(limit === null ? rows : rows.slice(0, Number(limit)));
}

async function healthy(answers: readonly Answer[]): Promise<Answer> {
  const said = (await Promise.all(answers.map((answer) => answer.json()))) as { readonly upTo?: number }[];
  const upTo = Math.min(...said.map((each) => each.upTo ?? 0));
  return Response.json({ upTo }, { status: answers.every(({ ok }) => ok) ? 200 : 503 });
}

const refused = (status: number, title: string, detail: string): Answer =>
  Response.json(
    { title, status, detail },
    { status, headers: { "content-type": "application/problem+json" } },
  );
