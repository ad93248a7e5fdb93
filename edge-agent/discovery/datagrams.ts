/** Questions over UDP that several may answer: to addresses one by one, or to all of one interface by
 * multicast or broadcast. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export interface DatagramAnswer {
  readonly address: string;
  readonly bytes: Uint8Array;
}

/** A flood of answers is no discovery. */
export const ANSWERS_MAX = 4_096;
const TTL = 1;

export class Questioner {
  readonly #socket: Socket;
  #answers = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** `onAnswer` hears everybody who answers; `from` is the local address to ask from, any when absent. */
  static async open(
    from: string | undefined,
    onAnswer: (answer: DatagramAnswer) => void,
  ): Promise<Questioner> {
    const socket = createSocket({ type: "udp4" });
    const questioner = new Questioner(socket);
    socket.on("error", () => undefined);
    socket.on("message", (bytes, { address }) => {
      questioner.#answers += 1;
      if (questioner.#answers <= ANSWERS_MAX) onAnswer({ address, bytes });
    });
    socket.bind(0, from);
    await once(socket, "listening");
    if (from !== undefined) {
      socket.setMulticastInterface(from);
      socket.setMulticastTTL(TTL);
    }
    return questioner;
  }

  allowBroadcast(): void {
    this.#socket.setBroadcast(true);
  }

  /** Resolves when it is out; an address that nobody has is no error. */
  ask(question: Uint8Array, port: number, address: string): Promise<void> {
    return new Promise((resolve) => this.#socket.send(question, port, address, () => resolve()));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}
