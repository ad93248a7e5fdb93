/** What can go wrong with one TCP connection while both ends live, played on the server's end of it. */
import type { Socket } from "node:net";

export type Impairment = "none" | "fragmented" | "late-replies";

/** A connection that can be made to misbehave. Its server goes on reading and writing the socket as ever. */
export class ImpairedSocket {
  readonly #socket: Socket;
  readonly #write: Socket["write"];
  readonly #noise: Uint8Array;
  #silent = false;
  /** Bytes that go out one by one. */
  #waiting: number[] = [];
  #sending = false;
  /** What is to be done when everything has gone out. */
  #afterwards: (() => void) | undefined;
  #asked = false;
  /** Replies that the next request will bring out. */
  #held: (string | Uint8Array)[] = [];

  /** `noise` goes out before each frame of a connection that is fragmented: what clients of the protocol must skip. */
  constructor(socket: Socket, impairment: Impairment, noise: Uint8Array) {
    this.#socket = socket;
    this.#write = socket.write.bind(socket);
    this.#noise = noise;
    const send = this.#sender(impairment);
    socket.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      if (!this.#silent) send(chunk);
      const written = rest.find((each) => typeof each === "function") as (() => void) | undefined;
      // Later, as a real write tells it: an HTTP server lets go of its socket in there.
      if (written !== undefined) setImmediate(written);
      return true;
    };
    if (impairment === "late-replies") socket.on("data", () => this.#release());
    if (impairment === "fragmented") this.#waitBeforeEnding();
  }

  /** As if the other end had vanished from the network: nothing is read, nothing is said, and nothing is closed. */
  silence(): void {
    this.#silent = true;
    this.#waiting = [];
    this.#socket.setTimeout(0);
    this.#socket.pause();
  }

  #sender(impairment: Impairment): (chunk: string | Uint8Array) => void {
    switch (impairment) {
      case "none":
        return (chunk) => void this.#write(chunk);
      case "fragmented":
        return (chunk) => {
          this.#waiting.push(...this.#noise, ...Buffer.from(chunk as Uint8Array));
          this.#sendNext();
        };
      case "late-replies":
        // A greeting answers nothing: it is on time.
        return (chunk) => (this.#asked ? void this.#held.push(chunk) : void this.#write(chunk));
    }
  }

  /** A server that says its last word and hangs up, as HTTP servers do, hangs up when the word is out. */
  #waitBeforeEnding(): void {
    const end = this.#socket.end.bind(this.#socket);
    const destroySoon = this.#socket.destroySoon.bind(this.#socket);
    this.#socket.end = (chunk?: unknown) => {
      if (typeof chunk === "string" || chunk instanceof Uint8Array) this.#socket.write(chunk);
      this.#finish(() => void end());
      return this.#socket;
    };
    this.#socket.destroySoon = () => this.#finish(destroySoon);
  }

  #finish(end: () => void): void {
    this.#afterwards = end;
    this.#sendNext();
  }

  /** One byte a turn of the event loop; frames that wait behind one another come out as one stream. */
  #sendNext(): void {
    if (this.#sending) return;
    if (this.#socket.destroyed) return;
    const byte = this.#waiting.shift();
    if (byte === undefined) {
      this.#afterwards?.();
      return;
    }
    this.#sending = true;
    this.#write(Uint8Array.of(byte), () => {
      this.#sending = false;
      setImmediate(() => this.#sendNext());
    });
  }

  #release(): void {
    this.#asked = true;
    for (const chunk of this.#held.splice(0)) this.#write(chunk);
  }
}
