/**
 * One reader on a line: numbers its questions, repeats them under the same number, and keeps its secure channel. Each
 * question is one turn on the bus, so that readers beside it have theirs.
 */
import { randomBytes } from "node:crypto";
import { aes } from "@campus-ops/device-profiles/ciphers/osdp";
import {
  Command,
  encodeFrame,
  encodeUnsigned,
  type FoundFrame,
  findFrame,
  type OsdpFrame,
  OsdpFrameError,
  Reply,
  Security,
} from "@campus-ops/device-profiles/codecs/osdp-frame";
import { encodeKeySet, NAK_REASONS } from "@campus-ops/device-profiles/codecs/osdp-messages";
import {
  DEFAULT_KEY,
  Handshake,
  RANDOM_BYTES,
  type SecureChannel,
  SecureChannelError,
} from "@campus-ops/device-profiles/codecs/osdp-secure-channel";
import { DriverError } from "../driver.ts";
import type { Bus, Turn } from "../serial/bus.ts";

const ATTEMPTS_MAX = 2;
/** A reader that says it is busy is asked again, so often. */
const BUSY_MAX = 10;
const CLIENT_ID_BYTES = 8;
const EMPTY = new Uint8Array(0);

export interface ReaderReply {
  readonly code: number;
  readonly data: Uint8Array;
}

export class ReaderLink {
  readonly #bus: Bus;
  readonly #address: number;
  readonly #user: string;
  /** 0 begins anew; then 1, 2, 3, 1 … */
  #sequence = 0;
  #channel: SecureChannel | undefined;
  /**
   * A question that nobody answered. It is answered first, by the very same bytes: the reader may have taken it, and
   * what it told then is told again under the same number and no other.
   */
  #unanswered: { readonly code: number; readonly frame: Uint8Array } | undefined;
  /** What came late to a poll, for the next one. */
  #late: ReaderReply[] = [];
  readonly #reply_ms: number;

  /** `reply_ms`: after so long a reader has not answered. */
  constructor(bus: Bus, address: number, reply_ms: number) {
    this.#bus = bus;
    this.#address = address;
    this.#reply_ms = reply_ms;
    this.#user = `osdp ${address}`;
  }

  get isSecure(): boolean {
    return this.#channel !== undefined;
  }

  /** Begins anew, as after a restart of either side. With a key nothing goes on in the clear. */
  async connect(key: Uint8Array | undefined, mayInstall: boolean, signal: AbortSignal): Promise<void> {
    this.reset();
    // A reader that has a key says no to a poll in the clear, and has answered all the same.
    await this.#exchange({ code: Command.Poll, data: EMPTY }, signal);
    if (key === undefined) return;
    if (await this.#openChannel(key, 1, signal)) return;
    if (mayInstall && (await this.#install(key, signal))) return;
    const hint = mayInstall
      ? "it has another one; put it into its installation mode"
      : "it has another one, or none yet; ?install=true gives it this one";
    throw new DriverError("login-refused", `OSDP reader ${this.#address} refuses this key: ${hint}`, {
      retry: false,
    });
  }

  reset(): void {
    this.#sequence = 0;
    this.#channel = undefined;
    this.#unanswered = undefined;
    this.#late = [];
  }

  /** Rejects with `device-exception` when the reader says no. */
  async ask(code: number, data: Uint8Array, signal: AbortSignal): Promise<ReaderReply> {
    const late = code === Command.Poll ? this.#late.shift() : undefined;
    const reply = late ?? (await this.#exchange({ code, data }, signal));
    if (reply.code !== Reply.Nak) return reply;
    const reason = NAK_REASONS[reply.data[0] ?? 0] ?? `reason ${reply.data[0]}`;
    const message = `OSDP reader ${this.#address} refuses command ${code.toString(16)}: ${reason}`;
    throw new DriverError("device-exception", message, { retry: true });
  }

  async #install(key: Uint8Array, signal: AbortSignal): Promise<boolean> {
    this.reset();
    await this.#exchange({ code: Command.Poll, data: EMPTY }, signal);
    if (!(await this.#openChannel(DEFAULT_KEY, 0, signal))) return false;
    await this.ask(Command.KeySet, encodeKeySet(key), signal);
    this.reset();
    await this.#exchange({ code: Command.Poll, data: EMPTY }, signal);
    return await this.#openChannel(key, 1, signal);
  }

  /** False when the reader does not have the key; `kind` is 0 for the default key and 1 for its own. */
  async #openChannel(key: Uint8Array, kind: 0 | 1, signal: AbortSignal): Promise<boolean> {
    const randomA = Uint8Array.from(randomBytes(RANDOM_BYTES));
    const which = Uint8Array.of(kind);
    const client = await this.#exchange(
      { code: Command.Challenge, data: randomA, security: { type: Security.Challenge, data: which } },
      signal,
    );
    if (client.code !== Reply.ClientCryptogram) return false;
    const randomB = client.data.subarray(CLIENT_ID_BYTES, CLIENT_ID_BYTES + RANDOM_BYTES);
    const handshake = new Handshake(aes, key, randomA, randomB);
    if (!same(client.data.subarray(CLIENT_ID_BYTES + RANDOM_BYTES), handshake.clientCryptogram)) return false;
    const initial = await this.#exchange(
      {
        code: Command.ServerCryptogram,
        data: handshake.serverCryptogram,
        security: { type: Security.ServerCryptogram, data: which },
      },
      signal,
    );
    if (initial.code !== Reply.InitialMac || !same(initial.data, handshake.initialMac)) return false;
    this.#channel = handshake.open();
    return true;
  }

  async #exchange(
    message: Pick<OsdpFrame, "code" | "data" | "security">,
    signal: AbortSignal,
  ): Promise<ReaderReply> {
    for (let busy = 0; busy <= BUSY_MAX; busy++) {
      const reply = await this.#bus.exclusively(this.#user, signal, (turn) => this.#converse(turn, message));
      if (reply.code !== Reply.Busy) return reply;
    }
    const message_ = `OSDP reader ${this.#address} says that it is busy, ${BUSY_MAX} times over`;
    throw new DriverError("timeout", message_, { retry: true });
  }

  async #converse(turn: Turn, message: Pick<OsdpFrame, "code" | "data" | "security">): Promise<ReaderReply> {
    const before = this.#unanswered;
    if (before !== undefined) {
      const reply = await this.#ask(turn, before.frame);
      if (before.code === Command.Poll && reply.code !== Reply.Ack && reply.code !== Reply.Busy)
        this.#late.push(reply);
    }
    const frame = this.#frame(message, this.#sequence);
    this.#unanswered = { code: message.code, frame };
    return await this.#ask(turn, frame);
  }

  async #ask(turn: Turn, frame: Uint8Array): Promise<ReaderReply> {
    const sequence = this.#sequence;
    for (let attempt = 1; ; attempt++) {
      try {
        const found = await turn.ask(frame, (received) => this.#find(received, sequence), this.#reply_ms);
        const reply = this.#understand(found);
        this.#unanswered = undefined;
        // A reader that is busy has not counted the question.
        if (reply.code !== Reply.Busy) this.#sequence = (sequence % 3) + 1;
        return reply;
      } catch (error) {
        const silent = error instanceof DriverError && (error.kind === "timeout" || error.kind === "garbage");
        if (!silent || attempt >= ATTEMPTS_MAX) throw error;
      }
    }
  }

  #frame(message: Pick<OsdpFrame, "code" | "data" | "security">, sequence: number): Uint8Array {
    const head = { address: this.#address, isReply: false, sequence, ...message };
    if (this.#channel === undefined) return encodeFrame(head);
    const isSealed = message.data.length > 0;
    const sealed = {
      ...head,
      security: { type: isSealed ? Security.SealedCommand : Security.SignedCommand, data: EMPTY },
      data: isSealed ? this.#channel.seal(message.data) : message.data,
    };
    return encodeFrame({ ...sealed, mac: this.#channel.sign(encodeUnsigned(sealed)) });
  }

  /** The reply of this reader under this number; what else is on the line is not for us. */
  #find(received: Uint8Array, sequence: number): FoundFrame | undefined {
    for (let rest = received; ; ) {
      const found = findFrame(rest);
      if (found === undefined) return undefined;
      const { address, isReply, sequence: its } = found.frame;
      if (isReply && address === this.#address && its === sequence) return found;
      rest = rest.subarray(found.end);
    }
  }

  /** In a channel nothing is believed that is not signed, a refusal aside: a reader that restarted cannot sign any more. */
  #understand({ frame, unsigned }: FoundFrame): ReaderReply {
    const channel = this.#channel;
    if (channel === undefined) return { code: frame.code, data: frame.data };
    if (frame.mac === undefined) {
      const what = frame.code === Reply.Nak ? "has lost its secure channel" : "answers unsigned";
      throw new DriverError("unreachable", `OSDP reader ${this.#address} ${what}`, { retry: true });
    }
    try {
      const isSealed = frame.security?.type === Security.SealedReply;
      const data = isSealed ? channel.unseal(frame.data) : frame.data;
      if (channel.verify(unsigned, frame.mac)) return { code: frame.code, data };
    } catch (cause) {
      if (!(cause instanceof SecureChannelError)) throw cause;
    }
    const message = `OSDP reader ${this.#address}: a reply that its key did not sign; it restarted, or somebody is on the line`;
    throw new DriverError("unreachable", message, { retry: true });
  }
}

/** What a reader says that is shorter than it must be. */
export function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof OsdpFrameError)) throw cause;
    throw new DriverError("garbage", `OSDP reader: ${cause.message}`, { retry: true, cause });
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
