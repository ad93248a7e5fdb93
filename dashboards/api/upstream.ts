/** The parts of the hub behind the API, spoken to over their private sockets. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Headers } from "undici";
import { ApiProblem } from "./problem.ts";

export interface Upstreams {
  readonly ingest: SocketClient;
  readonly rules: SocketClient;
  /** Where boxes come to their certificates; away where the hub enrols none. */
  readonly enrolment: SocketClient;
  /** Away where no place for backups is set. */
  readonly backup: SocketClient;
}

/** Longer than this and the part counts as away: a person is waiting. */
const ANSWER_MS_MAX = 10_000;

/** GETs JSON from a part. Throws {@link ApiProblem}: what the part refused, or `part-away` when it does not answer. */
export async function getJson<T>(part: SocketClient, path: string): Promise<T> {
  return request<T>(part, path, undefined);
}

/** What is known of an answer, and how a part calls what it sends of it when only that has changed (RFC 3229, 10.5.3). */
export interface KnownAnswer {
  /** Undefined when none is known. */
  readonly tag: string | undefined;
  readonly manipulation: string;
}

export interface ChangedAnswer<T> {
  readonly value: T;
  /** Only what has changed since the answer that was known; otherwise all of it. */
  readonly isDelta: boolean;
  /** Absent where the part has no name for its answer. */
  readonly tag: string | undefined;
}

/** GETs JSON of which the part may send what has changed alone; as {@link getJson}. */
export async function getChanged<T>(
  part: SocketClient,
  path: string,
  { manipulation, tag }: KnownAnswer,
): Promise<ChangedAnswer<T>> {
  const { headers, json } = await answered(part, path, {
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
    ...(tag === undefined ? {} : { headers: { "a-im": manipulation, "if-none-match": tag } }),
  });
  if (json === undefined) throw new ApiProblem("part-away");
  const isDelta = tag !== undefined && headers.get("delta-base") === tag;
  return { value: json as T, isDelta, tag: headers.get("etag") ?? undefined };
}

/** GETs a text from a part, a page for example; as {@link getJson}. */
export async function getText(part: SocketClient, path: string): Promise<string> {
  return (await answered(part, path, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })).text;
}

/** GETs something that is no text, a picture for example; as {@link getJson}. */
export async function getBytes(
  part: SocketClient,
  path: string,
): Promise<{ readonly bytes: Buffer; readonly type: string }> {
  try {
    const answer = await part.fetch(path, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.ok) return { bytes, type: answer.headers.get("content-type") ?? "application/octet-stream" };
    if (answer.status === 404) throw new ApiProblem("not-found");
  } catch (error) {
    if (error instanceof ApiProblem) throw error;
  }
  throw new ApiProblem("part-away");
}

/** POSTs JSON to a part; as {@link getJson}. */
export async function postJson<T>(part: SocketClient, path: string, body: unknown): Promise<T> {
  return request<T>(part, path, body);
}

/** POSTs bytes as they come, however many and however slowly; as {@link getJson}. */
export async function postStream<T>(
  part: SocketClient,
  path: string,
  body: AsyncIterable<Uint8Array>,
): Promise<T> {
  const headers = { "content-type": "application/octet-stream" };
  const { json } = await answered(part, path, { method: "POST", body, headers, duplex: "half" });
  return json as T;
}

/** PUTs JSON to a part; as {@link getJson}. */
export async function putJson(part: SocketClient, path: string, body: unknown): Promise<void> {
  await request<unknown>(part, path, body, "PUT");
}

/** As {@link getJson}, by a method that is answered with something. */
export async function sendJson<T>(
  part: SocketClient,
  path: string,
  method: "PUT" | "DELETE",
  body: unknown,
): Promise<T> {
  return request<T>(part, path, body, method);
}

/** DELETEs, with who asks for it as the body; as {@link getJson}. */
export async function deleteJson(part: SocketClient, path: string, body: unknown): Promise<void> {
  await request<unknown>(part, path, body, "DELETE");
}

async function request<T>(part: SocketClient, path: string, body: unknown, method = "POST"): Promise<T> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const init =
    body === undefined
      ? { signal }
      : {
          method,
          body: JSON.stringify(body),
          headers: { "content-type": "application/json" },
          signal,
        };
  const { text, json } = await answered(part, path, init);
  if (json === undefined && text !== "") throw new ApiProblem("part-away");
  return (json ?? {}) as T;
}

/** What a part answered when it did what was asked; otherwise throws as {@link getJson}. */
async function answered(
  part: SocketClient,
  path: string,
  init: Parameters<SocketClient["fetch"]>[1],
): Promise<{ readonly text: string; readonly json: unknown; readonly headers: Headers }> {
  let answer: Awaited<ReturnType<SocketClient["fetch"]>>;
  let text: string;
  try {
    answer = await part.fetch(path, init);
    text = await answer.text();
  } catch {
    throw new ApiProblem("part-away");
  }
  const json = parsed(text);
  if (answer.ok) return { text, json, headers: answer.headers };
  const { detail, said, title } = (json ?? {}) as { detail?: unknown; said?: LocalText; title?: unknown };
  const one = detail ?? title;
  // Parts say it in both languages; of who does not, what was said is better than nothing.
  const reason = said ?? (typeof one === "string" ? { zh: one, en: one } : undefined);
  if (answer.status === 404) throw new ApiProblem("not-found", reason);
  if (answer.status === 409) throw new ApiProblem("conflict", reason);
  if (answer.status >= 400 && answer.status < 500) throw new ApiProblem("bad-request", reason);
  throw new ApiProblem("part-away", reason);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a healthy part says of itself; undefined when it is away or unwell. */
export async function probe(part: SocketClient): Promise<{ readonly upTo?: number } | undefined> {
  try {
    const answer = await part.fetch("/healthz", { signal: AbortSignal.timeout(2_000) });
    const said = await answer.json();
    return answer.ok ? (said as { upTo?: number }) : undefined;
  } catch {
    return undefined;
  }
}
