/** The line of a simulated device that calls in: it connects, and connects again, until it is told to stop. */
import { randomBytes } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { ImpairedSocket } from "./impairment.ts";
import type { SimulatedFault } from "./simulated-device.ts";

const HOST = "127.0.0.1";
/** Between two attempts: short, so that a rehearsal does not wait. */
const RETRY_ms = 20;
/** A closed connection is news at the other end after so long, on a loopback. */
const NOTICE_ms = 20;
const GARBAGE_BYTES = 32_768;
/** A device that restarts all the time gets so many messages out between two restarts. */
const MESSAGES_PER_BOOT = 3;

/** What the line of any device that calls in can play. */
export const CALL_FAULTS = [
  "down",
  "hang",
  "half-open",
  "garbage",
  "fragmented",
  "reboot-loop",
] as const satisfies readonly SimulatedFault[];

export interface CallingClientOptions {
  readonly port: number;
  /** Goes out before each frame while the line is fragmented. */
  readonly noise: Uint8Array;
  readonly onConnected: () => void;
  readonly onData: (bytes: Uint8Array) => void;
}

export class CallingClient {
  readonly #options: CallingClientOptions;
  #fault: SimulatedFault | null = null;
  #socket: Socket | undefined;
  #impaired: ImpairedSocket | undefined;
  /** Connections that stand and say nothing any more. */
  readonly #dead = new Set<Socket>();
  #retry: NodeJS.Timeout | undefined;
  #sent = 0;
  #closed = false;

  constructor(options: CallingClientOptions) {
    this.#options = options;
    this.#connect();
  }

  /** False when nobody is there to hear it. */
  send(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== "open" || this.#fault === "hang") return false;
    socket.write(bytes);
    this.#sent += 1;
    if (this.#fault === "reboot-loop" && this.#sent >= MESSAGES_PER_BOOT) socket.end();
    return true;
  }

  /** Resolves when the other side has noticed, as far as it can. */
  async fault(fault: SimulatedFault | null): Promise<void> {
    this.#fault = fault;
    if (fault === "half-open" && this.#socket !== undefined) {
      this.#impaired?.silence();
      this.#dead.add(this.#socket);
      this.#socket.removeAllListeners("close");
    } else this.#socket?.destroy();
    this.#socket = undefined;
    this.#again();
    await new Promise((resolve) => setTimeout(resolve, NOTICE_ms));
  }

  /** As if its power had been cut for a moment. */
  reconnect(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
    for (const socket of this.#dead) socket.destroy();
  }

  #again(): void {
    clearTimeout(this.#retry);
    if (!this.#closed && this.#fault !== "down") this.#retry = setTimeout(() => this.#connect(), RETRY_ms);
  }

  #connect(): void {
    const { noise, onConnected, onData, port } = this.#options;
    const socket = connect(port, HOST);
    this.#socket = socket;
    this.#sent = 0;
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      if (this.#socket === undefined) this.#again();
    });
    this.#impaired = new ImpairedSocket(socket, this.#fault === "fragmented" ? "fragmented" : "none", noise);
    socket.on("connect", () => {
      if (this.#fault === "garbage") socket.write(randomBytes(GARBAGE_BYTES));
      else if (this.#fault !== "hang") onConnected();
    });
    socket.on("data", (bytes) => {
      if (this.#fault !== "hang" && this.#fault !== "garbage") onData(bytes);
    });
  }
}

/** A loopback port that nobody listens at yet: the box will. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}
