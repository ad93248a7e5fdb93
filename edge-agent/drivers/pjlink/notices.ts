/**
 * The port at which PJLink notices of many projectors arrive. They bear no signature, so that one is a reason to look at
 * the projector it seems to come from and nothing more.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { PjlinkFrameError } from "@campus-ops/device-profiles/codecs/pjlink";
import { parseNotice } from "@campus-ops/device-profiles/codecs/pjlink-datagrams";
import { DriverError } from "../driver.ts";
import { Lines } from "../line.ts";
import { type GateCounters, SourceGate } from "../notices/source-gate.ts";

export interface NoticeSubscriber {
  readonly onNotice: () => void;
  /** Something that was no notice came from the projector's address. */
  readonly onRefused: () => void;
}

/** One listening port, shared by all projectors that name it. */
export const NOTICE_PORTS = new Lines<NoticePort>((port) => port.close());

export class NoticePort {
  readonly #socket: Socket;
  readonly #gate = new SourceGate<NoticeSubscriber>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (datagram, { address }) => {
      if (this.#gate.admits(address, Date.now())) this.#receive(datagram, address);
    });
  }

  /** Rejects with a DriverError when the port cannot be had. */
  static async open(host: string, port: number): Promise<NoticePort> {
    const socket = createSocket("udp4");
    try {
      socket.bind(port, host);
      await once(socket, "listening");
      return new NoticePort(socket);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `PJLink notices cannot be received at ${host}:${port}: ${why}`;
      throw new DriverError("unsupported", message, { retry: true, cause });
    }
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get counters(): GateCounters {
    return this.#gate.counters;
  }

  /** The function returned ends it. */
  register(address: string, subscriber: NoticeSubscriber): () => void {
    return this.#gate.add(address, subscriber);
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }

  #receive(datagram: Uint8Array, address: string): void {
    try {
      parseNotice(datagram);
      for (const { onNotice } of this.#gate.at(address)) onNotice();
    } catch (error) {
      if (!(error instanceof PjlinkFrameError)) throw error;
      for (const { onRefused } of this.#gate.at(address)) onRefused();
    }
  }
}
