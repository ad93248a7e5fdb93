import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { ImpairedSocket, type Impairment } from "./impairment.ts";
import { checkFault, REBOOTING_TCP_FAULTS, type SimulatedFault } from "./simulated-device.ts";

const HOST = "127.0.0.1";
const GARBAGE_BYTES = 64;
const NO_NOISE = new Uint8Array();
/** A device in a reboot loop hears so many pieces, on all of its connections, between two restarts. */
const PIECES_A_LIFE = 6;

export interface TcpServerOptions {
  /** Bytes before each frame that a client of this protocol must skip; sent while the fault is `fragmented`. */
  readonly noise?: Uint8Array;
}

/** A server on one loopback port that can be broken and mended; its port stays the same. */
export class FaultableTcpServer {
  readonly #serve: (socket: Socket) => void;
  readonly #noise: Uint8Array;
  readonly #sockets = new Map<Socket, ImpairedSocket>();
  #server: Server | undefined;
  #fault: SimulatedFault | null = null;
  #port = 0;
  #pieces = 0;

  /** `serve` gets every connection but those made while the device hangs or talks rubbish. */
  constructor(serve: (socket: Socket) => void, { noise = NO_NOISE }: TcpServerOptions = {}) {
    this.#serve = serve;
    this.#noise = noise;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Rejects when the port is taken. */
  async listen(port: number): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, HOST, resolve);
    });
    const address = server.address();
    this.#port = address !== null && typeof address === "object" ? address.port : port;
    this.#server = server;
  }

  /**
   * Connections of before are cut, as they are when a device loses its power; at `half-open` they stay and go silent,
   * as when a cable is pulled behind a switch.
   */
  async fault(fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, REBOOTING_TCP_FAULTS);
    this.#fault = fault;
    if (fault === "half-open") for (const impaired of this.#sockets.values()) impaired.silence();
    else this.#cut();
    if (fault === "down") await this.#stop();
    else if (this.#server === undefined) await this.listen(this.#port);
  }

  async close(): Promise<void> {
    this.#cut();
    await this.#stop();
  }

  #accept(socket: Socket): void {
    this.#sockets.set(socket, new ImpairedSocket(socket, impairmentBy(this.#fault), this.#noise));
    socket.setNoDelay(true);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (this.#fault === "reboot-loop") socket.on("data", () => this.#live());
    if (this.#fault === "hang") socket.resume();
    else if (this.#fault === "garbage") {
      socket.write(garbage());
      socket.on("data", () => socket.write(garbage()));
    } else this.#serve(socket);
  }

  #live(): void {
    this.#pieces += 1;
    if (this.#pieces % PIECES_A_LIFE === 0) this.#cut();
  }

  #cut(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

const impairmentBy = (fault: SimulatedFault | null): Impairment =>
  fault === "fragmented" || fault === "late-replies" ? fault : "none";

/** Random, but never by chance the beginning of a frame of any protocol here. */
const garbage = (): Uint8Array => Uint8Array.of(0xff, 0xff, 0xff, 0xff, ...randomBytes(GARBAGE_BYTES));
