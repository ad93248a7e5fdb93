/**
 * The HTTP server that other systems post to: `/hooks/…` paths, each a system of its own with a secret of its own. It
 * is bounded in everything that a stranger could make it do, and answers 202 only when what was posted is on the disk.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import http from "@campus-ops/service/node-http";
import { DriverError } from "../driver.ts";
import { CallTally } from "../listener/call-tally.ts";
import { isAuthentic } from "./authentication.ts";

export const BODY_BYTES_MAX = 262_144;
export const CONNECTIONS_MAX = 256;
/** A whole request has to be there in so long; a stranger who sends a byte a second is not waited for. */
export const REQUEST_MS_MAX = 10_000;
const HEADERS_MS_MAX = 5_000;
const CHECK_MS = 1_000;
/** Posts of one system. */
export const POSTS_PER_S_MAX = 50;
/** Posts that wait for a session, or for the disk. */
export const WAITING_MAX = 64;
/** A post that finds no session waits for one so long. */
export const SESSION_WAIT_MS_MAX = 5_000;
const RETRY_AFTER_S = 5;

/** What became of a post. */
export type Outcome = "kept" | "not-kept" | "no-sense";

/** Settles when what was posted is on the disk, or never will be. */
export type PostHandler = (body: Uint8Array) => Promise<Outcome>;

const STATUS: Readonly<Record<Outcome, number>> = { kept: 202, "not-kept": 503, "no-sense": 400 };

/** The place of one system: outlives our sessions with it. */
export class Hook {
  secret: string;
  onCall: () => void;
  refused = 0;
  malformed = 0;
  #handler: PostHandler | undefined;
  #arrivals: ((handler: PostHandler | undefined) => void)[] = [];
  #waiting = 0;
  #second = 0;
  #inSecond = 0;

  constructor(secret: string, onCall: () => void) {
    this.secret = secret;
    this.onCall = onCall;
  }

  serve(handler: PostHandler): () => void {
    this.#handler = handler;
    for (const arrived of this.#arrivals.splice(0)) arrived(handler);
    return () => {
      if (this.#handler === handler) this.#handler = undefined;
    };
  }

  /** True when one more may come in this second. */
  admits(now_ms: number): boolean {
    const second = Math.floor(now_ms / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond += 1;
    return this.#inSecond <= POSTS_PER_S_MAX && this.#waiting < WAITING_MAX;
  }

  /** The status to answer with. */
  async take(body: Uint8Array): Promise<number> {
    this.#waiting += 1;
    try {
      const handler = this.#handler ?? (await this.#session());
      if (handler === undefined) return 503;
      const outcome = await handler(body);
      if (outcome === "no-sense") this.malformed += 1;
      return STATUS[outcome];
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Asks for a session, and waits for it. */
  async #session(): Promise<PostHandler | undefined> {
    this.onCall();
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), SESSION_WAIT_MS_MAX);
      this.#arrivals.push((handler) => {
        clearTimeout(timer);
        resolve(handler);
      });
    });
  }
}

export class HookServer {
  /** Posts to paths that nobody serves, and connections that gave way. */
  unknownCallers = 0;
  readonly #tally: CallTally;
  readonly #server: Server;
  readonly #hooks = new Map<string, Hook>();
  /** In the order in which they called. */
  readonly #sockets = new Set<Socket>();
  /** Connections that have shown a right secret. */
  readonly #known = new WeakSet<Socket>();

  private constructor(tally: CallTally) {
    this.#tally = tally;
    this.#server = http.createServer(
      {
        requestTimeout: REQUEST_MS_MAX,
        headersTimeout: HEADERS_MS_MAX,
        connectionsCheckingInterval: CHECK_MS,
        keepAliveTimeout: HEADERS_MS_MAX,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on("connection", (socket) => {
      socket.unref();
      socket.once("close", () => this.#sockets.delete(socket));
      this.#sockets.add(socket);
      if (this.#sockets.size > CONNECTIONS_MAX) this.#dropOldest();
    });
    this.#server.unref();
  }

  /** Rejects `unreachable` when the port cannot be listened at. */
  static async open(host: string, port: number, tally = new CallTally()): Promise<HookServer> {
    const server = new HookServer(tally);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", (cause) =>
        reject(
          new DriverError("unreachable", `cannot listen at ${host} port ${port}: ${cause.message}`, {
            retry: true,
            cause,
          }),
        ),
      );
      server.#server.listen(port, host, resolve);
    });
    return server;
  }

  /** The place of the system that posts to `path`, made when it is not there yet. */
  expect(path: string, secret: string, onCall: () => void): Hook {
    const hook = this.#hooks.get(path) ?? new Hook(secret, onCall);
    this.#hooks.set(path, hook);
    hook.secret = secret;
    hook.onCall = onCall;
    return hook;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Whoever has waited longest without proving who it is gives way to whoever comes. */
  #dropOldest(): void {
    for (const socket of this.#sockets) {
      if (this.#known.has(socket)) continue;
      this.unknownCallers += 1;
      this.#tally.unknown += 1;
      socket.destroy();
      return;
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = await this.#judge(request).catch(() => 400);
    if (response.destroyed) return;
    response.statusCode = status;
    if (status === 429 || status === 503) response.setHeader("retry-after", RETRY_AFTER_S);
    // What was not read is not waited for.
    if (!request.complete) response.setHeader("connection", "close");
    response.end();
  }

  async #judge(request: IncomingMessage): Promise<number> {
    const hook = this.#hooks.get(new URL(request.url ?? "/", "http://box").pathname);
    if (hook === undefined) {
      this.unknownCallers += 1;
      this.#tally.unknown += 1;
      return 404;
    }
    if (request.method !== "POST") return 405;
    if (!hook.admits(performance.now())) return 429;
    if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) return 413;
    const body = await bodyOf(request);
    if (body === undefined) return 413;
    if (!isAuthentic(request.headers, body, hook.secret)) {
      hook.refused += 1;
      this.#tally.refused += 1;
      return 401;
    }
    this.#known.add(request.socket);
    return await hook.take(body);
  }
}

/** Undefined when it is too large; the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
