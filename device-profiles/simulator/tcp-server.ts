import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { checkFault, LINE_FAULTS, type SimulatedFault } from "./simulated-device.ts";

const HOST = "127.0.0.1";
const GARBAGE_BYTES = 64;

/** A server on one loopback port that can be broken and mended; its port stays the same. */
export class FaultableTcpServer {
  readonly #serve: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #fault: SimulatedFault | null = null;
  #port = 0;

  /** `serve` gets every connection that is made while the device is whole. */
  constructor(serve: (socket: Socket) => void) {
    this.#serve = serve;
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

  /** Connections of before the fault are cut, as they are when a device loses its power. */
  async fault(fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, LINE_FAULTS);
    this.#fault = fault;
    this.#cut();
    if (fault === "down") await this.#stop();
    else if (this.#server === undefined) await this.listen(this.#port);
  }

  async close(): Promise<void> {
    this.#cut();
    await this.#stop();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    if (this.#fault === "hang") socket.resume();
    else if (this.#fault === "garbage") {
      socket.write(garbage());
      socket.on("data", () => socket.write(garbage()));
    } else this.#serve(socket);
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Random, but never by chance the beginning of a frame of any protocol here. */
const garbage = (): Uint8Array => Uint8Array.of(0xff, 0xff, 0xff, 0xff, ...randomBytes(GARBAGE_BYTES));
