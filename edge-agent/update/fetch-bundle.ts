/**
 * Fetches a bundle from the hub, with the box's certificate, from the port where that is renewed: the hub names what, never
 * from where. What is here already is not fetched again, however often the line is cut.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import http from "@campus-ops/service/node-http";
import type { UpdateJob } from "../core/update.ts";
import { connectPinned, type TimeToJudgeBy } from "../mqtt/pinned-tls.ts";

/** A hub that sends nothing for that long has gone. */
const SILENT_MS_MAX = 60_000;

export interface BundleSource {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the hub's authority, hex. */
  readonly pin: string;
  /** PEM of key and certificate, read anew each time: it may have been renewed. */
  readonly identity: () => string;
  readonly now: () => TimeToJudgeBy;
}

/**
 * whole: `file` is the bundle · again: ask later, `wait_ms` where the hub said when · withdrawn: the hub does not want it fetched
 * any more · damaged: what was fetched is something else, and was thrown away.
 */
export type FetchResult =
  | { readonly kind: "whole" }
  | { readonly kind: "withdrawn" }
  | { readonly kind: "damaged" }
  | { readonly kind: "again"; readonly why: string; readonly wait_ms?: number };

const partOf = (file: string): string => `${file}.part`;

/** Bytes that are here. */
export function fetchedBytes(file: string): number {
  const here = existsSync(file) ? file : partOf(file);
  return existsSync(here) ? statSync(here).size : 0;
}

export function discardBundle(file: string): void {
  rmSync(file, { force: true });
  rmSync(partOf(file), { force: true });
}

/** One attempt. Never rejects. */
export async function fetchBundle(
  source: BundleSource,
  { bytes, sha256 }: Pick<UpdateJob, "bytes" | "sha256">,
  file: string,
  signal: AbortSignal,
): Promise<FetchResult> {
  if (existsSync(file)) return { kind: "whole" };
  const part = partOf(file);
  if (fetchedBytes(file) > bytes) rmSync(part);
  try {
    if (fetchedBytes(file) < bytes) {
      const refused = await receive(source, sha256, part, signal);
      if (refused !== undefined) return refused;
    }
    if (fetchedBytes(file) < bytes) return { kind: "again", why: "the hub sent less than there is" };
    if (fetchedBytes(file) > bytes || (await hashOf(part)) !== sha256) {
      rmSync(part);
      return { kind: "damaged" };
    }
    renameSync(part, file);
    return { kind: "whole" };
  } catch (error) {
    return { kind: "again", why: error instanceof Error ? error.message : String(error) };
  }
}

async function receive(
  source: BundleSource,
  sha256: string,
  part: string,
  signal: AbortSignal,
): Promise<FetchResult | undefined> {
  const from = existsSync(part) ? statSync(part).size : 0;
  const response = await ask(source, sha256, from, signal);
  const { statusCode = 0 } = response;
  if (statusCode !== 200 && statusCode !== 206) return await refusalOf(response);
  // Whole again where we asked for the rest: a hub that does not know ranges.
  const flags = statusCode === 206 ? "a" : "w";
  await pipeline(response, createWriteStream(part, { flags, mode: 0o600, flush: true }), { signal });
  return undefined;
}

async function ask(
  { host, identity, now, pin, port }: BundleSource,
  sha256: string,
  from: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const pem = identity();
  const socket = await connectPinned({ host, port, pin, identity: { key: pem, cert: pem }, now: now() });
  return await new Promise((resolve, reject) => {
    const asked = http.request(
      {
        host,
        port,
        path: `/v1/updates/${sha256}`,
        ...(from === 0 ? {} : { headers: { range: `bytes=${from}-` } }),
        createConnection: () => socket,
        signal,
      },
      resolve,
    );
    asked.setTimeout(SILENT_MS_MAX, () => asked.destroy(new Error("the hub sends nothing any more")));
    asked.once("error", (error) => {
      socket.destroy();
      reject(error);
    });
    asked.end();
  });
}

async function refusalOf(response: IncomingMessage): Promise<FetchResult> {
  const { headers, statusCode } = response;
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (chunks.length > 1) break;
  }
  const said = Buffer.concat(chunks).toString().slice(0, 200);
  if (statusCode === 403 && said.includes("not-asked")) return { kind: "withdrawn" };
  const seconds = Number(headers["retry-after"]);
  return {
    kind: "again",
    why: `the hub answered ${statusCode} ${said}`,
    ...(seconds > 0 && seconds <= 3_600 ? { wait_ms: seconds * 1_000 } : {}),
  };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
