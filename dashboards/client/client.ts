/**
 * A typed client of the hub's API, for other systems' programs. Runs wherever there is `fetch`; needs nothing else.
 *
 *   const hub = new CampusOpsClient({ url: "https://hub.example", token });
 *   const { alarms } = await hub.call("GET /alarms", { query: { state: "active" } });
 *   for await (const { event, data } of hub.stream({ signal })) …
 */
import { EventStreamParser } from "../api/event-stream.ts";
import type { Operations } from "./generated/operations.ts";

export type { Operations } from "./generated/operations.ts";

export interface ClientOptions {
  /** Where the hub is, without a path. */
  readonly url: string;
  /** A token of one's own, from an administrator; none at the hub's own machine. */
  readonly token?: string;
  /** Of the problems' texts; Chinese unless said. */
  readonly language?: "zh" | "en";
}

type Given<T> = {
  readonly [K in "path" | "query" | "body" as T extends Record<K, undefined> ? never : K]: T[K & keyof T];
};
/** Whoever needs no input gives none; a query alone may be left out where nothing in it is required. */
type Input<T> = Record<string, never> extends Given<T> ? [input?: Given<T>] : OptionalQuery<Given<T>>;
type OptionalQuery<G> = G extends { readonly query: infer Q }
  ? Record<string, never> extends Q
    ? Record<string, never> extends Omit<G, "query">
      ? [input?: Partial<G>]
      : [input: Omit<G, "query"> & { readonly query?: Q }]
    : [input: G]
  : [input: G];

/** What the hub answered when it could not do what was asked (RFC 9457). */
export class HubProblem extends Error {
  override readonly name = "HubProblem";
  readonly status: number;
  /** For example `urn:campus-ops:problem:not-found`. */
  readonly type: string;
  /** When to ask again, where the hub says so. */
  readonly retryAfter_s: number | undefined;
  constructor(status: number, type: string, text: string, retryAfter_s: number | undefined) {
    super(text);
    this.status = status;
    this.type = type;
    this.retryAfter_s = retryAfter_s;
  }
}

export interface HubEvent {
  /** `alarm`, `device`, `node`, `status`, `flood`; `reset`: something was missed, lists have to be fetched anew. */
  readonly event: string;
  readonly data: unknown;
}

/** Answers that are kept to be told again by their entity tag. */
export const TAGGED_MAX = 100;
const REOPEN_MS = 2_000;

export class CampusOpsClient {
  readonly #options: ClientOptions;
  readonly #tagged = new Map<string, { readonly tag: string; readonly answer: unknown }>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Carries out one operation of the API. A list that has not changed since it was last asked for is not sent again.
   * Rejects with a {@link HubProblem}, or with what `fetch` says when the hub cannot be reached.
   */
  async call<K extends keyof Operations>(
    operation: K,
    ...[input]: Input<Operations[K]>
  ): Promise<Operations[K]["answer"]> {
    const { body, path, query } = (input ?? {}) as {
      readonly body?: unknown;
      readonly path?: Readonly<Record<string, unknown>>;
      readonly query?: Readonly<Record<string, unknown>>;
    };
    const [method = "GET", template = ""] = operation.split(" ");
    const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(path?.[name])),
    );
    const asked = new URLSearchParams(
      Object.entries(query ?? {}).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    );
    const url = `${this.#options.url}/api/v1${filled}${asked.size === 0 ? "" : `?${asked}`}`;
    const known = method === "GET" ? this.#tagged.get(url) : undefined;
    const isJson = body !== undefined && !(body instanceof Blob);
    const response = await fetch(url, {
      method,
      headers: {
        ...this.#headers(),
        ...(known === undefined ? {} : { "if-none-match": known.tag }),
        ...(isJson ? { "content-type": "application/json" } : {}),
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : (body as Blob) }),
    });
    if (response.status === 304 && known !== undefined) return known.answer as Operations[K]["answer"];
    if (!response.ok) throw await problemOf(response);
    const answer = await contentOf(response);
    const tag = response.headers.get("etag");
    if (method === "GET" && tag !== null) this.#keep(url, tag, answer);
    return answer as Operations[K]["answer"];
  }

  /** Everything that changes, from now on, through cuts; ends when `signal` aborts. */
  async *stream({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<HubEvent> {
    let last: string | undefined;
    while (!signal.aborted) {
      try {
        const response = await fetch(`${this.#options.url}/api/v1/stream`, {
          headers: { ...this.#headers(), ...(last === undefined ? {} : { "last-event-id": last }) },
          signal,
        });
        if (!response.ok || response.body === null) throw await problemOf(response);
        const parser = new EventStreamParser();
        const decoder = new TextDecoder();
        for await (const chunk of response.body)
          for (const { data, event, id } of parser.push(decoder.decode(chunk, { stream: true }))) {
            last = id ?? last;
            yield { event, data: JSON.parse(data) as unknown };
          }
      } catch (error) {
        if (signal.aborted) return;
        // Who is not let in now is not let in two seconds later.
        if (error instanceof HubProblem && error.status < 500 && error.status !== 429) throw error;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, REOPEN_MS);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #keep(url: string, tag: string, answer: unknown): void {
    this.#tagged.delete(url);
    this.#tagged.set(url, { tag, answer });
    const [oldest] = this.#tagged.keys();
    if (this.#tagged.size > TAGGED_MAX && oldest !== undefined) this.#tagged.delete(oldest);
  }

  #headers(): Record<string, string> {
    const { language = "zh", token } = this.#options;
    return {
      "accept-language": language,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

async function contentOf(response: Response): Promise<unknown> {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) return response.json();
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length === 0 ? undefined : bytes;
}

async function problemOf(response: Response): Promise<HubProblem> {
  const { detail, title, type } = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const said = [detail, title].find((each): each is string => typeof each === "string");
  const after = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new HubProblem(
    response.status,
    typeof type === "string" ? type : "about:blank",
    said ?? `HTTP ${response.status}`,
    Number.isFinite(after) ? after : undefined,
  );
}
