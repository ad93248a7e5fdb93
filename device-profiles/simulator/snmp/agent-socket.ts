import { randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { once } from "node:events";
import { checkFault, LINE_FAULTS, type SimulatedFault } from "../simulated-device.ts";

type MessageListener = (message: Buffer, from: dgram.RemoteInfo) => void;

/**
 * The UDP port of a simulated agent. It outlives the faults it plays, so that the device keeps its address; `down`
 * closes it and mending binds it again.
 */
export class AgentSocket {
  #socket: dgram.Socket | undefined;
  #port: number;
  #fault: SimulatedFault | null = null;
  #listener: MessageListener = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const socket = dgram.createSocket("udp4");
    socket.on("message", (message, from) => {
      if (this.#fault === null) this.#listener(message, from);
      else if (this.#fault === "garbage") socket.send(randomBytes(48), from.port, from.address);
    });
    socket.bind(this.#port, "127.0.0.1");
    await once(socket, "listening");
    this.#socket = socket;
    this.#port = socket.address().port;
  }

  async fault(fault: SimulatedFault | null): Promise<void> {
    checkFault(fault, LINE_FAULTS);
    this.#fault = fault;
    if (fault === "down") await this.close();
    else if (this.#socket === undefined) await this.open();
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    socket.close();
    await once(socket, "close");
  }

  /** What `net-snmp` takes for a datagram module: its one socket is this one, already bound. */
  asDatagramModule(): { createSocket(): unknown } {
    const adapter = {
      on: (event: string, listener: MessageListener) => {
        if (event === "message") this.#listener = listener;
        return adapter;
      },
      bind: () => adapter,
      send: (buffer: Buffer, offset: number, length: number, port: number, address: string) =>
        this.#socket?.send(buffer, offset, length, port, address),
      close: () => undefined,
    };
    return { createSocket: () => adapter };
  }
}
