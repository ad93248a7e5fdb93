/**
 * Bundles for boxes, at the port where they renew their certificates: a school's firewall lets them through there already.
 *
 *   GET /v1/updates/<sha256>    Range: bytes=<from>-    → 200 or 206, application/octet-stream
 *
 * Only for a box whose certificate is good and whom a roll-out has told to fetch this bundle. So many at a time, and all
 * together so many bytes a second; who comes too early is told when to ask again.
 */

import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Bandwidth } from "./bandwidth.ts";

export const DOWNLOADS_AT_ONCE_MAX = 16;
const RETRY_AFTER_S = 30;
const CHUNK_BYTES = 64 * 1024;
/** A box that takes nothing for that long has gone. */
const SILENT_MS_MAX = 60_000;
const PATH = /^\/v1\/updates\/([0-9a-f]{64})$/;

export interface DownloadParts {
  /** Path and size of a bundle that this box was told to fetch; undefined: it was not. */
  readonly bundleFor: (
    box: string,
    sha256: string,
  ) => { readonly file: string; readonly bytes: number } | undefined;
  readonly bandwidth: Bandwidth;
  readonly count: (outcome: "whole" | "part" | "cut" | "refused" | "busy") => void;
}

export const isDownload = ({ method, url = "" }: IncomingMessage): boolean =>
  (method === "GET" || method === "HEAD") && PATH.test(url);

export class Downloads {
  readonly #parts: DownloadParts;
  #active = 0;

  constructor(parts: DownloadParts) {
    this.#parts = parts;
  }

  get active(): number {
    return this.#active;
  }

  /** `box`: `campus/node` of a certificate that is good; undefined where there is none. Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse, box: string | undefined): Promise<void> {
    const { bundleFor, count } = this.#parts;
    const sha256 = PATH.exec(request.url ?? "")?.[1] ?? "";
    const refuse = (status: number, refused: string, outcome: "refused" | "busy" = "refused"): void => {
      count(outcome);
      const headers = outcome === "busy" ? { "retry-after": String(RETRY_AFTER_S) } : {};
      response.writeHead(status, { "content-type": "application/json", connection: "close", ...headers });
      response.end(JSON.stringify({ refused }));
    };
    if (box === undefined) return refuse(403, "certificate-stranger");
    const found = bundleFor(box, sha256);
    if (found === undefined) return refuse(403, "not-asked");
    const from = rangeOf(request.headers.range, found.bytes);
    if (from === undefined) return refuse(416, "range");
    if (this.#active >= DOWNLOADS_AT_ONCE_MAX) return refuse(503, "busy", "busy");
    this.#active += 1;
    try {
      response.writeHead(from === 0 ? 200 : 206, {
        "content-type": "application/octet-stream",
        "content-length": found.bytes - from,
        "accept-ranges": "bytes",
        etag: `"${sha256}"`,
        connection: "close",
        ...(from === 0 ? {} : { "content-range": `bytes ${from}-${found.bytes - 1}/${found.bytes}` }),
      });
      response.flushHeaders();
      const whole = request.method === "HEAD" || (await this.#send(found.file, from, response));
      response.end();
      count(whole ? (from === 0 ? "whole" : "part") : "cut");
    } catch {
      // The file went, or the box did: it comes again, and goes on from where it was.
      count("cut");
      response.destroy();
    } finally {
      this.#active -= 1;
    }
  }

  async #send(file: string, from: number, response: ServerResponse): Promise<boolean> {
    const handle = await open(file, "r");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      for (let at = from; ; ) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, at);
        if (bytesRead === 0) return true;
        at += bytesRead;
        const wait_ms = this.#parts.bandwidth.wait_ms(bytesRead);
        if (wait_ms > 0) await pause(wait_ms, undefined, { signal: gone.signal });
        if (response.destroyed) return false;
        if (!response.write(chunk.subarray(0, bytesRead)) && !(await drained(response))) return false;
      }
    } finally {
      await handle.close();
    }
  }
}

/** Where to begin; undefined for a range that cannot be. Only the form that boxes use is known, the rest is left out (RFC 9110, 14.2). */
function rangeOf(header: string | undefined, bytes: number): number | undefined {
  const from = /^bytes=(\d{1,15})-$/.exec(header ?? "")?.[1];
  if (from === undefined) return 0;
  return Number(from) < bytes ? Number(from) : undefined;
}

/** False when the box went instead. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(silent);
      response.off("drain", done).off("close", done);
      resolve(!response.destroyed);
    };
    const silent = setTimeout(() => {
      response.destroy();
      done();
    }, SILENT_MS_MAX);
    response.once("drain", done).once("close", done);
  });
}
