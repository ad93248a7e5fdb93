/** The inside of a simulated card reader: answers frames, one line at a time. No socket. */

import { aes } from "../../ciphers/osdp.ts";
import {
  ADDRESS_ANY,
  Command,
  encodeFrame,
  encodeUnsigned,
  findFrame,
  type OsdpFrame,
  Reply,
  Security,
} from "../../codecs/osdp-frame.ts";
import {
  encodeIdentity,
  encodeKeypad,
  encodeLocalStatus,
  encodeRaw,
  type LedColour,
  NAK_ENCRYPTION,
  NAK_SECURITY,
  NAK_SEQUENCE,
  parseLed,
} from "../../codecs/osdp-messages.ts";
import { DEFAULT_KEY, Handshake, type SecureChannel } from "../../codecs/osdp-secure-channel.ts";
import { bitsOfCard } from "../../profiles/osdp-profile.ts";

const CLIENT_ID = Uint8Array.of(0x0a, 0x00, 0x17, 3, 0, 0xca, 0xfe, 0xde);
const RANDOM_B = Uint8Array.of(0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68);
const RECEIVED_BYTES_MAX = 4_096;
const STORM_COPIES = 200;

interface Message {
  readonly code: number;
  readonly data: Uint8Array;
}

const NOTHING = new Uint8Array();
const ACK: Message = { code: Reply.Ack, data: NOTHING };
const nak = (reason: number): Message => ({ code: Reply.Nak, data: Uint8Array.of(reason) });

export class SimulatedReader {
  /** On its line. */
  address = 0;
  serial = "3990814410";
  tampered = false;
  powerFailed = false;
  led: LedColour = "off";
  /** Beeps since it was started. */
  beeps = 0;
  /** Takes commands and does nothing. */
  idle = false;
  /** What happened and has not been told. */
  readonly #news: Message[] = [];
  /** The key it was given; without one it takes the default key, and a new one through it. */
  #key: Uint8Array | undefined;
  /** Its own, while somebody has given it another. */
  #locked: { readonly key: Uint8Array | undefined } | undefined;
  #randomA: Uint8Array = NOTHING;
  #handshake: Handshake | undefined;
  #channel: SecureChannel | undefined;
  #last: { readonly sequence: number; readonly reply: Uint8Array } | undefined;

  constructor(key: Uint8Array | undefined) {
    this.#key = key;
  }

  get isSecure(): boolean {
    return this.#channel !== undefined;
  }

  present(card: string): void {
    this.presentBits(bitsOfCard(card));
  }

  presentBits(bits: string): void {
    this.#news.push({ code: Reply.Raw, data: encodeRaw(bits) });
  }

  storm(card: string): void {
    for (let copy = 0; copy < STORM_COPIES; copy++) this.present(card);
  }

  type(code: string): void {
    for (const key of `${code}#`) this.#news.push({ code: Reply.Keypad, data: encodeKeypad(key) });
  }

  tellStatus(): void {
    this.#news.push(this.#status());
  }

  /** It lost its power: whoever was connected has to begin anew. */
  restart(): void {
    this.#channel = undefined;
    this.#last = undefined;
  }

  /** Somebody gave it another key. */
  lock(): void {
    this.#locked ??= { key: this.#key };
    this.#key = Uint8Array.from(DEFAULT_KEY, (byte) => byte ^ 0xff);
    this.restart();
  }

  /** It has its own key again. */
  unlock(): void {
    if (this.#locked === undefined) return;
    this.#key = this.#locked.key;
    this.#locked = undefined;
    this.restart();
  }

  /** Gives back the replies to the frames in `received`, and what may be the beginning of another frame. */
  hear(received: Uint8Array): { readonly replies: readonly Uint8Array[]; readonly rest: Uint8Array } {
    const replies: Uint8Array[] = [];
    let rest = received;
    for (let found = findFrame(rest); found !== undefined; found = findFrame(rest)) {
      rest = rest.subarray(found.end);
      const { frame, unsigned } = found;
      if (frame.isReply || (frame.address !== this.address && frame.address !== ADDRESS_ANY)) continue;
      const reply = this.#reply(frame, unsigned);
      if (reply !== undefined) replies.push(reply);
    }
    return { replies, rest: rest.subarray(-RECEIVED_BYTES_MAX) };
  }

  /** Undefined for what a reader drops without a word: a frame whose MAC is wrong. */
  #reply(frame: OsdpFrame, unsigned: Uint8Array): Uint8Array | undefined {
    if (frame.sequence === 0) this.restart();
    else if (this.#last?.sequence === frame.sequence) return this.#last.reply;
    if (frame.mac !== undefined && this.#channel === undefined) return this.#say(frame, nak(NAK_SECURITY));
    const data = this.#open(frame, unsigned);
    if (data === undefined) return undefined;
    const isFollowing = this.#last === undefined || frame.sequence === (this.#last.sequence % 3) + 1;
    const message = isFollowing || frame.sequence === 0 ? this.#answer(frame, data) : nak(NAK_SEQUENCE);
    return this.#say(frame, message);
  }

  #open(frame: OsdpFrame, unsigned: Uint8Array): Uint8Array | undefined {
    if (frame.mac === undefined || this.#channel === undefined) return frame.data;
    const data =
      frame.security?.type === Security.SealedCommand ? this.#channel.unseal(frame.data) : frame.data;
    return this.#channel.verify(unsigned, frame.mac) ? data : undefined;
  }

  #answer(frame: OsdpFrame, data: Uint8Array): Message {
    switch (frame.security?.type) {
      case Security.Challenge:
        return this.#challenged(data, frame.security.data[0] === 0 ? DEFAULT_KEY : this.#key);
      case Security.ServerCryptogram:
        return this.#proven(data);
      default:
    }
    if (this.#key !== undefined && this.#channel === undefined && frame.code !== Command.Id)
      return nak(NAK_ENCRYPTION);
    switch (frame.code) {
      case Command.Poll:
        return this.#news.shift() ?? ACK;
      case Command.Id:
        return {
          code: Reply.Id,
          data: encodeIdentity({ vendor: "0a0017", model: "3.0", serial: this.serial, firmware: "1.80.2" }),
        };
      case Command.LocalStatus:
        return this.#status();
      case Command.Led:
        if (!this.idle) this.led = parseLed(data);
        return ACK;
      case Command.Buzzer:
        this.beeps += data[4] ?? 0;
        return ACK;
      case Command.KeySet:
        this.#key = data.slice(2);
        return ACK;
      default:
        return nak(3);
    }
  }

  #status(): Message {
    return { code: Reply.LocalStatus, data: encodeLocalStatus(this) };
  }

  #challenged(randomA: Uint8Array, key: Uint8Array | undefined): Message {
    // Once it has a key of its own, the one that everybody knows opens nothing.
    if (key === undefined || (key === DEFAULT_KEY && this.#key !== undefined)) return nak(NAK_SECURITY);
    this.#channel = undefined;
    this.#randomA = randomA;
    this.#handshake = new Handshake(aes, key, this.#randomA, RANDOM_B);
    return {
      code: Reply.ClientCryptogram,
      data: Uint8Array.of(...CLIENT_ID, ...RANDOM_B, ...this.#handshake.clientCryptogram),
    };
  }

  #proven(cryptogram: Uint8Array): Message {
    const right = this.#handshake?.serverCryptogram;
    const isRight =
      right !== undefined &&
      cryptogram.length === right.length &&
      cryptogram.every((byte, i) => byte === right[i]);
    if (!isRight || this.#handshake === undefined) return nak(NAK_SECURITY);
    return { code: Reply.InitialMac, data: this.#handshake.initialMac };
  }

  #say(command: OsdpFrame, { code, data }: Message): Uint8Array {
    const { sequence } = command;
    const head = { address: this.address, isReply: true, sequence, code };
    const reply =
      this.#channel !== undefined && command.mac !== undefined
        ? this.#sealed(head, data, this.#channel)
        : encodeFrame({ ...head, data, ...securityOfReply(command, code) });
    this.#last = { sequence, reply };
    if (code === Reply.InitialMac) this.#channel = this.#handshake?.open();
    return reply;
  }

  #sealed(head: Omit<OsdpFrame, "data">, data: Uint8Array, channel: SecureChannel): Uint8Array {
    const type = data.length === 0 ? Security.SignedReply : Security.SealedReply;
    const frame = {
      ...head,
      security: { type, data: NOTHING },
      data: data.length === 0 ? data : channel.seal(data),
    };
    return encodeFrame({ ...frame, mac: channel.sign(encodeUnsigned(frame)) });
  }
}

function securityOfReply(command: OsdpFrame, code: number): Pick<OsdpFrame, "security"> {
  const [kind = 0] = command.security?.data ?? [];
  if (code === Reply.ClientCryptogram) {
    return { security: { type: Security.ClientCryptogram, data: Uint8Array.of(kind) } };
  }
  return code === Reply.InitialMac ? { security: { type: Security.InitialMac, data: Uint8Array.of(1) } } : {};
}
