/** HTTP with one device that asks for a Digest login: requests, and answers that never end. */
import { type DeviceTarget, DriverError } from "../driver.ts";
import { type DigestLogin, withDigest } from "./digest.ts";
import { exchange, type HttpAnswer, type HttpRequest, type HttpStream, openStream } from "./exchange.ts";

export interface HttpLimits {
  readonly request_ms: number;
  /** How long a stream may say nothing, heartbeats included. */
  readonly silence_ms: number;
  readonly answerBytes_max: number;
  readonly snapshotBytes_max: number;
}

export const HTTP_LIMITS: HttpLimits = {
  request_ms: 8_000,
  silence_ms: 45_000,
  answerBytes_max: 1_048_576,
  snapshotBytes_max: 8_388_608,
};

export interface Ask {
  readonly method?: HttpRequest["method"];
  readonly body?: string;
  readonly contentType?: string;
  readonly bytes_max?: number;
}

/** What the body of an answer that is not 200 says, in the protocol's own words; undefined when it says nothing. */
export type ExplainRefusal = (
  body: Uint8Array,
) => { readonly unsupported: boolean; readonly says: string } | undefined;

export class HttpClient {
  readonly limits: HttpLimits;
  readonly #origin: URL;
  readonly #login: DigestLogin | undefined;
  readonly #explain: ExplainRefusal;
  #refusal: DriverError | undefined;

  constructor(
    { url, username, secret }: DeviceTarget,
    limits: HttpLimits,
    explain: ExplainRefusal = () => undefined,
  ) {
    this.#explain = explain;
    this.#origin = url;
    this.#login = username === undefined ? undefined : { username, password: secret ?? "" };
    this.limits = limits;
  }

  get host(): string {
    return this.#origin.host;
  }

  /**
   * Resolves to an answer with status 200. `path` is absolute, with its query. After one refused login nothing more is
   * sent in this session: devices count failures, and lock the account after a few.
   */
  async ask(path: string, ask: Ask, signal: AbortSignal): Promise<HttpAnswer> {
    const { request_ms, answerBytes_max } = this.limits;
    const { method = "GET", body, contentType, bytes_max = answerBytes_max } = ask;
    const request: HttpRequest = {
      method,
      timeout_ms: request_ms,
      bytes_max,
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { headers: { "content-type": contentType } }),
    };
    return await this.#withLogin(path, request, (url, authorized) => exchange(url, authorized, signal));
  }

  async stream(path: string, signal: AbortSignal): Promise<HttpStream> {
    const { request_ms, answerBytes_max, silence_ms } = this.limits;
    const request: HttpRequest = { method: "GET", timeout_ms: request_ms, bytes_max: answerBytes_max };
    return await this.#withLogin(path, request, async (url, authorized) => {
      const stream = await openStream(url, authorized, silence_ms, signal);
      if (stream.status !== 200) stream.close();
      return stream;
    });
  }

  /** The picture at `path`. */
  async snapshot(path: string, signal: AbortSignal): Promise<Uint8Array> {
    const { body } = await this.ask(path, { bytes_max: this.limits.snapshotBytes_max }, signal);
    // Start Of Image (ITU-T T.81, clause B.1.1.3): an error page is no picture.
    if (body[0] !== 0xff || body[1] !== 0xd8) throw this.garbage("sent a snapshot that is no JPEG");
    return body;
  }

  garbage(what: string, cause?: unknown): DriverError {
    return new DriverError("garbage", `${this.host} ${what}`, { retry: true, cause });
  }

  async #withLogin<Answer extends HttpAnswer | HttpStream>(
    path: string,
    request: HttpRequest,
    send: (url: URL, request: HttpRequest) => Promise<Answer>,
  ): Promise<Answer> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const url = new URL(path, this.#origin);
    const { method, headers } = request;
    const answer = await withDigest(
      (authorization) =>
        send(
          url,
          authorization === undefined ? request : { ...request, headers: { ...headers, authorization } },
        ),
      this.#login,
      { method, uri: `${url.pathname}${url.search}` },
    );
    if (answer.status === 200) return answer;
    throw this.#refused(answer, url);
  }

  #refused(answer: HttpAnswer | HttpStream, { pathname }: URL): DriverError {
    const { status, challenges } = answer;
    if (status === 401) {
      const basicOnly = challenges.length > 0 && !challenges.some((each) => /digest/i.test(each));
      const hint = basicOnly
        ? "it offers only Basic, which sends the password in the clear: switch Digest on in its settings"
        : "check user name and password, and whether the account is locked";
      const message = `${this.host} refuses the login (HTTP status 401): ${hint}`;
      this.#refusal = new DriverError("login-refused", message, { retry: false });
      return this.#refusal;
    }
    const explained = "body" in answer ? this.#explain(answer.body) : undefined;
    const unsupported = explained?.unsupported ?? (status === 404 || status === 501);
    const says = `HTTP status ${status}${explained === undefined ? "" : `, ${explained.says}`}`;
    return unsupported
      ? new DriverError("unsupported", `${this.host} has no ${pathname} (${says})`, { retry: false })
      : new DriverError("device-exception", `${this.host} refuses ${pathname} (${says})`, { retry: true });
  }
}

/** Throws for an address of another protocol. */
export function checkHttpAddress(url: URL, example: string): void {
  if (url.protocol === "http:" || url.protocol === "https:") return;
  throw new DriverError("unsupported", `${url.href} is no HTTP address; it must read ${example}`, {
    retry: false,
  });
}
