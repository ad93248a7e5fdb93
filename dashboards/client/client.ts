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

/** Lists that come in pages: those whose place can be named in the query. */
export type ListOperation = {
  [K in keyof Operations]: Operations[K]["query"] extends
    | { readonly after?: string }
    | { readonly before?: unknown }
    ? K
    : never;
}[keyof Operations];

interface Asked {
  readonly answer: unknown;
  /** Path of the next page. */
  readonly next: string | undefined;
}

const PREFIX = "/api/v1";
/** Only at the hub itself: nobody else gets the token. */
const NEXT = /<(\/api\/v1\/[^>]*)>; rel="next"/;

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
    const [method = "GET"] = operation.split(" ");
    const { answer } = await this.#ask(method, pathOf(operation, input), given(input).body);
    return answer as Operations[K]["answer"];
  }

  /**
   * A list one page after the other, to its end: as many entries each as `limit` in the query says, where the operation has
   * one. Rejects as {@link call} does.
   */
  async *pages<K extends ListOperation>(
    operation: K,
    ...[input]: Input<Operations[K]>
  ): AsyncGenerator<Operations[K]["answer"], void, undefined> {
    const [method = "GET"] = operation.split(" ");
    let path: string | undefined = pathOf(operation, input);
    while (path !== undefined) {
      const page: Asked = await this.#ask(method, path, given(input).body);
      yield page.answer as Operations[K]["answer"];
      path = page.next;
    }
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Asked> {
    const url = `${this.#options.url}${path}`;
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
    const next = NEXT.exec(response.headers.get("link") ?? "")?.[1];
    if (response.status === 304 && known !== undefined) return { answer: known.answer, next };
    if (!response.ok) throw await problemOf(response);
    const answer = await contentOf(response);
    const tag = response.headers.get("etag");
    if (method === "GET" && tag !== null) this.#keep(url, tag, answer);
    return { answer, next };
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

interface Filled {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

const given = (input: unknown): Filled => (input ?? {}) as Filled;

/** The operation's address, with its path and query filled in. */
function pathOf(operation: string, input: unknown): string {
  const { path, query } = given(input);
  const [, template = ""] = operation.split(" ");
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(path?.[name])),
  );
  const asked = new URLSearchParams(
    Object.entries(query ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
  return `${PREFIX}${filled}${asked.size === 0 ? "" : `?${asked}`}`;
}
