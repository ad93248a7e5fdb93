/** An HTTP server on one loopback port that asks for a Digest login, streams without end, and can be broken. */
import { randomBytes } from "node:crypto";
import { EventEmitter, once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { LINE_FAULTS, type SimulatedFault, type SimulatorOptions } from "../simulated-device.ts";
import { DigestGuard } from "./digest-guard.ts";

const HOST = "127.0.0.1";
const GARBAGE_BYTES = 64;
const REQUEST_BYTES_MAX = 65_536;
/** A device in a reboot loop comes so far. */
const REBOOT_EXCHANGES = 8;

/** What this server plays, whatever is served. */
export const HTTP_FAULTS = [
  ...LINE_FAULTS,
  "half-open",
  "fragmented",
  "subscription-lost",
  "lockout",
  "stale-nonce",
  "reboot-loop",
] as const satisfies readonly SimulatedFault[];

export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

export interface Served {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Answers one request; undefined for what is not there. A stream is given to {@link SimulatedHttpServer.stream}. */
export type Serve = (request: ServedRequest, response: http.ServerResponse) => Served | "stream" | undefined;

export class SimulatedHttpServer {
  readonly guard: DigestGuard;
  readonly #serve: Serve;
  readonly #streams = new Set<http.ServerResponse>();
  readonly #begun = new EventEmitter();
  #server: http.Server | undefined;
  #fault: SimulatedFault | null = null;
  #port: number;
  #exchanges = 0;

  constructor({ port, secret, username }: SimulatorOptions, serve: Serve) {
    this.#port = port ?? 0;
    this.guard = new DigestGuard(username === undefined ? undefined : { username, password: secret ?? "" });
    this.#serve = serve;
  }

  get url(): string {
    return `http://${HOST}:${this.#port}/`;
  }

  /** Resolves when a client listens to a stream. */
  async streaming(): Promise<void> {
    if (this.#streams.size === 0) await once(this.#begun, "stream");
  }

  async open(): Promise<void> {
    const server = http.createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    server.listen(this.#port, HOST);
    await once(server, "listening");
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#streams.clear();
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }

  /** Breaks the server, or mends it; what is no fault of servers leaves it well. Streams of before end, or go silent where the fault is that nobody tells. */
  async fault(device: SimulatedFault | null): Promise<void> {
    const fault = HTTP_FAULTS.find((each) => each === device) ?? null;
    this.#fault = fault;
    this.guard.mood = fault === "lockout" ? "locked" : fault === "stale-nonce" ? "stale" : "well";
    if (fault === null) this.guard.failures = 0;
    if (fault === "half-open") this.#streams.clear();
    else if (fault !== "subscription-lost") this.cut();
    if (fault === "down") await this.close();
    else if (this.#server === undefined) await this.open();
  }

  /** Ends every connection. */
  cut(): void {
    this.#streams.clear();
    this.#server?.closeAllConnections();
  }

  /** Makes an answer one that {@link send} goes on with. */
  stream(response: http.ServerResponse, contentType: string): void {
    response.writeHead(200, { "content-type": contentType });
    response.flushHeaders();
    this.#streams.add(response);
    this.#begun.emit("stream");
    response.on("close", () => this.#streams.delete(response));
  }

  /** To every stream; news are not sent to subscribers that were forgotten, heartbeats are. */
  send(bytes: Uint8Array, kind: "news" | "heartbeat"): void {
    if (kind === "news" && this.#fault === "subscription-lost") return;
    for (const response of this.#streams) this.sendTo(response, bytes);
  }

  sendTo(response: http.ServerResponse, bytes: Uint8Array): void {
    if (this.#fault !== "fragmented") response.write(bytes);
    else for (let at = 0; at < bytes.length; at += 1) response.write(bytes.subarray(at, at + 1));
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (this.#fault === "hang") return;
    if (this.#fault === "garbage") {
      response.socket?.end(randomBytes(GARBAGE_BYTES));
      return;
    }
    this.#exchanges += 1;
    if (this.#fault === "reboot-loop" && this.#exchanges % REBOOT_EXCHANGES === 0) {
      this.cut();
      return;
    }
    const { method = "GET", url = "/" } = request;
    if (!this.guard.accepts(method, url, request.headers.authorization)) {
      response.setHeader("www-authenticate", this.guard.challenges(url));
      response.writeHead(401).end();
      return;
    }
    const { pathname, searchParams } = new URL(url, this.url);
    const served = this.#serve({ method, path: pathname, query: searchParams, body }, response);
    if (served === "stream") return;
    if (served === undefined) response.writeHead(404).end();
    else response.writeHead(served.status ?? 200, { "content-type": served.type }).end(served.body);
  }
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) throw new RangeError("the request is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
