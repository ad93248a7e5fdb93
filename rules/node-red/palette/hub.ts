/** The platform's public API, as flows use it: with the rights of the token they were given and no others. */
import { readFileSync } from "node:fs";

export interface HubAccess {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string;
}

/** One event of the live stream. */
export interface HubEvent {
  readonly event: string;
  readonly data: unknown;
}

const ANSWER_MS_MAX = 15_000;
const RETRY_MS_FIRST = 500;
const RETRY_MS_MAX = 15_000;
/** The stream speaks at least every five seconds; a connection silent for this long is dead. */
const SILENCE_MS_MAX = 20_000;

export class HubError extends Error {
  override readonly name = "HubError";
}

export class Hub {
  readonly #access: HubAccess;

  constructor(access: HubAccess) {
    this.#access = access;
  }

  get<T>(path: string): Promise<T> {
    return this.#request<T>("GET", path);
  }

  send<T>(method: "POST" | "PUT", path: string, body: unknown): Promise<T> {
    return this.#request<T>(method, path, body);
  }

  /**
   * Hands over the live stream's events until `signal` aborts, across cuts, with neither gap nor double as long as the
   * hub remembers; `onReset` says that it does not, and everything has to be looked at again.
   */
  async follow(
    onEvent: (event: HubEvent) => void,
    onState: (connected: boolean) => void,
    onReset: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    let last: string | undefined;
    let retry_ms = RETRY_MS_FIRST;
    while (!signal.aborted) {
      const silence = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const alive = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
      };
      try {
        alive();
        const answer = await fetch(new URL("/api/v1/stream", this.#access.url), {
          headers: { ...this.#headers(), ...(last === undefined ? {} : { "last-event-id": last }) },
          signal: AbortSignal.any([signal, silence.signal]),
        });
        if (!answer.ok || answer.body === null) throw new HubError(`answered ${answer.status}`);
        onState(true);
        retry_ms = RETRY_MS_FIRST;
        let text = "";
        for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
          alive();
          text += chunk;
          for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
            const frame = frameOf(text.slice(0, end));
            text = text.slice(end + 2);
            if (frame === undefined) continue;
            last = frame.id ?? last;
            if (frame.event === "reset") onReset();
            else onEvent({ event: frame.event, data: frame.data });
          }
        }
      } catch {
        // Cut off, or refused: tried again below.
      } finally {
        clearTimeout(timer);
      }
      if (signal.aborted) break;
      onState(false);
      await pause(retry_ms, signal);
      retry_ms = Math.min(RETRY_MS_MAX, retry_ms * 2);
    }
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    let answer: Response;
    try {
      answer = await fetch(new URL(`/api/v1${path}`, this.#access.url), {
        method,
        headers: {
          ...this.#headers(),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
    } catch {
      throw new HubError("the hub does not answer; nothing was sent");
    }
    const text = await answer.text();
    const said: unknown = text === "" ? undefined : JSON.parse(text);
    if (answer.ok) return said as T;
    const { detail, title } = (said ?? {}) as { detail?: string; title?: string };
    throw new HubError(detail ?? title ?? `the hub answered ${answer.status}`);
  }

  #headers(): Record<string, string> {
    const { token } = this.#access;
    return { "accept-language": "zh", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  }
}

/** Where the hub is when no node says otherwise: what the process was told. */
export function accessFromEnvironment(variables: NodeJS.ProcessEnv): HubAccess {
  const { CAMPUS_OPS_API: url = "http://127.0.0.1:8080", CAMPUS_OPS_API_TOKEN_FILE: file } = variables;
  return file === undefined || file === "" ? { url } : { url, token: readFileSync(file, "utf8").trim() };
}

function frameOf(
  text: string,
): { readonly event: string; readonly id?: string; readonly data: unknown } | undefined {
  const field = (name: string): string | undefined => new RegExp(`^${name}: ?(.*)$`, "m").exec(text)?.[1];
  const event = field("event");
  const data = field("data");
  if (event === undefined || data === undefined) return undefined;
  const id = field("id");
  return { event, data: JSON.parse(data) as unknown, ...(id === undefined ? {} : { id }) };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
