import { isAttended } from "./attention.ts";

/** What the platform answered when it could not do what was asked (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const CONFIRM_FIRST = "urn:campus-ops:problem:confirm-first";

const signedOut = new Set<() => void>();

/** Calls back whenever the hub answers that nobody is signed in; answers how to stop. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

let oldest: Position | undefined;

/**
 * Where the live stream was before the oldest of what was read so far was looked up: whoever hears it from there on misses
 * no change of any of it. Undefined when nothing was read, or the hub began anew in between.
 */
export const positionOfRead = (): string | undefined => oldest?.text;

let confirm: (() => Promise<boolean>) | undefined;

/** `ask` asks whoever is there to confirm that it is they, and answers whether they did; answers how to stop. */
export function confirmBy(ask: () => Promise<boolean>): () => void {
  confirm = ask;
  return () => {
    confirm = undefined;
  };
}

/** Reads JSON; throws {@link ApiProblem} for an answer that is not 2xx, and the browser's TypeError when there is none. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answer<T>(await ask(path, { headers: headers(), ...(signal && { signal }) }));
}

export const postJson = <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  sendJson<T>("POST", path, body, signal);

export const putJson = <T>(path: string, body: unknown): Promise<T> => sendJson<T>("PUT", path, body);

/** Answered without a content. */
export async function remove(path: string): Promise<void> {
  const response = await ask(path, { method: "DELETE", headers: headers() });
  if (!response.ok) await answer<unknown>(response);
}

/** With a body or without; resolves with undefined where the answer holds nothing. */
export async function sendJson<T>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const said =
    body === undefined
      ? { headers: headers() }
      : { headers: { ...headers(), "content-type": "application/json" }, body: JSON.stringify(body) };
  return answer<T>(await ask(path, { method, ...said, ...(signal && { signal }) }));
}

/** Answers as {@link postJson}; an empty answer is undefined. */
export async function deleteJson(path: string): Promise<unknown> {
  const response = await ask(path, { method: "DELETE", headers: headers() });
  return response.status === 204 ? undefined : answer<unknown>(response);
}

/** Sends a picture as it is; answers as {@link postJson}. */
export async function sendPicture<T>(path: string, picture: Blob): Promise<T> {
  const init = { method: "POST", headers: { ...headers(), "content-type": picture.type }, body: picture };
  return answer<T>(await ask(path, init));
}

/** A picture or a clip, for who says why; fails as {@link postJson}. */
export async function lookAt(path: string, reason: string): Promise<Blob> {
  const said = { ...headers(), "content-type": "application/json" };
  const response = await ask(path, { method: "POST", headers: said, body: JSON.stringify({ reason }) });
  return response.ok ? response.blob() : answer<Blob>(response);
}

/** `stream-position`, which the hub adds to its answers; see {@link positionOfRead}. */
interface Position {
  readonly text: string | undefined;
  readonly boot: string;
  readonly seq: number;
}

function notePosition(header: string | null): void {
  const [boot = "", seq] = (header ?? "").split(".");
  if (header === null || seq === undefined) return;
  const here = { text: header, boot, seq: Number(seq) };
  if (oldest === undefined) oldest = here;
  else if (oldest.boot !== boot) oldest = { ...oldest, text: undefined };
  else if (oldest.text !== undefined && here.seq < oldest.seq) oldest = here;
}

/** Problems are answered in the language that the page is in, whatever the browser prefers. */
function headers(): Record<string, string> {
  return {
    accept: "application/json",
    "accept-language": document.documentElement.lang,
    ...(isAttended() ? {} : { "campus-ops-unattended": "?1" }),
  };
}

/** As `fetch`; what asks whether it is still the same person is sent again once they have confirmed it. */
async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init);
  if (response.status !== 403 || confirm === undefined) return response;
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const { type } = (problem ?? {}) as { readonly type?: unknown };
  return type === CONFIRM_FIRST && (await confirm()) ? fetch(path, init) : response;
}

async function answer<T>(response: Response): Promise<T> {
  if (response.ok) {
    notePosition(response.headers.get("stream-position"));
    const text = await response.text();
    // What was accepted or removed is answered without a content.
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
  if (response.status === 401) for (const listener of signedOut) listener();
  const problem: unknown = await response.json().catch(() => undefined);
  throw new ApiProblem(response.status, problemText(problem) ?? `HTTP ${response.status}`);
}

function problemText(problem: unknown): string | undefined {
  if (typeof problem !== "object" || problem === null) return undefined;
  const { detail, title } = problem as { detail?: unknown; title?: unknown };
  return [detail, title].find((text): text is string => typeof text === "string" && text !== "");
}
