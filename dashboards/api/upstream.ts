/** The parts of the hub behind the API, spoken to over their private sockets. */
import type { SocketClient } from "@campus-ops/service/socket-client";
import { ApiProblem } from "./problem.ts";

export interface Upstreams {
  readonly ingest: SocketClient;
  readonly rules: SocketClient;
}

/** Longer than this and the part counts as away: a person is waiting. */
const ANSWER_MS_MAX = 10_000;

/** GETs JSON from a part. Throws {@link ApiProblem}: what the part refused, or `part-away` when it does not answer. */
export async function getJson<T>(part: SocketClient, path: string): Promise<T> {
  return request<T>(part, path, undefined);
}

/** POSTs JSON to a part; as {@link getJson}. */
export async function postJson<T>(part: SocketClient, path: string, body: unknown): Promise<T> {
  return request<T>(part, path, body);
}

/** PUTs JSON to a part; as {@link getJson}. */
export async function putJson(part: SocketClient, path: string, body: unknown): Promise<void> {
  await request<unknown>(part, path, body, "PUT");
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
  let answer: Awaited<ReturnType<SocketClient["fetch"]>>;
  let json: unknown;
  try {
    answer = await part.fetch(path, init);
    const text = await answer.text();
    json = text === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiProblem("part-away");
  }
  if (answer.ok) return json as T;
  const detail =
    (json as { detail?: unknown; title?: unknown }).detail ?? (json as { title?: unknown }).title;
  const text = typeof detail === "string" ? { zh: detail, en: detail } : undefined;
  if (answer.status === 404) throw new ApiProblem("not-found", text);
  if (answer.status === 409) throw new ApiProblem("conflict", text);
  if (answer.status >= 400 && answer.status < 500) throw new ApiProblem("bad-request", text);
  throw new ApiProblem("part-away", text);
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
