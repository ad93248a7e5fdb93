/** Somebody who has called one of our listening ports: a connection, cut into messages. */
import type { Socket } from "node:net";

/** Cuts what arrives into messages; noise costs what it touched and is counted. */
export interface Splitter<Message> {
  push(bytes: Uint8Array): readonly Message[];
  /** Pieces that were no message. */
  readonly bad: number;
}

/** Bytes without a message in them; whoever sends more speaks another protocol. */
export const UNUSED_BYTES_MAX = 16_384;
/** Bytes of ours that a caller has not taken yet; beyond that it has stopped listening. */
export const UNSENT_BYTES_MAX = 262_144;

export interface CallerEvents<Message> {
  onMessage(message: Message): void;
  /** Pieces that were no message since the last time. */
  onBad(pieces: number): void;
  /** `why` says what was wrong, when it was we who hung up. */
  onClosed(why: string | undefined): void;
}

export class Caller<Message> {
  readonly address: string;
  readonly #socket: Socket;
  readonly #splitter: Splitter<Message>;
  #unused = 0;
  #why: string | undefined;

  constructor(socket: Socket, splitter: Splitter<Message>, events: CallerEvents<Message>) {
    this.#socket = socket;
    this.#splitter = splitter;
    this.address = socket.remoteAddress ?? "";
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => events.onClosed(this.#why));
    socket.on("data", (bytes) => this.#hear(bytes, events));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) this.hangUp("does not take our answers");
    else this.#socket.write(bytes);
  }

  /** Sends `bytes`, and ends the connection after them. */
  dismiss(bytes: Uint8Array, why: string): void {
    this.#why = why;
    this.#socket.end(bytes, () => this.#socket.destroy());
  }

  hangUp(why: string): void {
    this.#why ??= why;
    this.#socket.destroy();
  }

  /** While paused, the caller's network holds back what it says. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #hear(bytes: Uint8Array, events: CallerEvents<Message>): void {
    if (this.#why !== undefined) return;
    const badBefore = this.#splitter.bad;
    const messages = this.#splitter.push(bytes);
    const bad = this.#splitter.bad - badBefore;
    if (bad > 0) events.onBad(bad);
    this.#unused = messages.length === 0 ? this.#unused + bytes.length : 0;
    for (const message of messages) {
      if (this.#why !== undefined) return;
      events.onMessage(message);
    }
    if (this.#unused > UNUSED_BYTES_MAX) this.hangUp("speaks another protocol");
  }
}
