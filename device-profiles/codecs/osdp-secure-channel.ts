/**
 * The secure channel of OSDP (IEC 60839-11-5, annex D): keys of a session out of a shared key and two random numbers,
 * a MAC that chains every frame to the one before, and encryption of what frames carry.
 *
 * AES-128 itself is handed in, one block at a time.
 */
import { MAC_BYTES } from "./osdp-frame.ts";

export const KEY_BYTES = 16;
export const RANDOM_BYTES = 8;
const BLOCK_BYTES = 16;
/** Padding begins with this byte and goes on with zeros. */
const PAD = 0x80;

/** The key that every reader has as it leaves its maker: it keeps nothing secret, and serves to set another. D.1.2 */
export const DEFAULT_KEY: Uint8Array = Uint8Array.from({ length: KEY_BYTES }, (_, i) => 0x30 + i);

export interface Aes128 {
  encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  decryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
}

export class SecureChannelError extends Error {
  override readonly name = "SecureChannelError";
}

interface SessionKeys {
  readonly encryption: Uint8Array;
  readonly mac1: Uint8Array;
  readonly mac2: Uint8Array;
}

/** What both sides compute before either proves anything. D.4 */
export class Handshake {
  readonly clientCryptogram: Uint8Array;
  readonly serverCryptogram: Uint8Array;
  readonly #aes: Aes128;
  readonly #keys: SessionKeys;

  constructor(aes: Aes128, key: Uint8Array, randomA: Uint8Array, randomB: Uint8Array) {
    const derive = (high: number, low: number): Uint8Array =>
      aes.encryptBlock(key, Uint8Array.of(high, low, ...randomA.subarray(0, 6), ...new Uint8Array(8)));
    this.#aes = aes;
    this.#keys = { encryption: derive(0x01, 0x82), mac1: derive(0x01, 0x01), mac2: derive(0x01, 0x02) };
    const cryptogram = (first: Uint8Array, second: Uint8Array): Uint8Array =>
      aes.encryptBlock(this.#keys.encryption, Uint8Array.of(...first, ...second));
    this.clientCryptogram = cryptogram(randomA, randomB);
    this.serverCryptogram = cryptogram(randomB, randomA);
  }

  get initialMac(): Uint8Array {
    const once = this.#aes.encryptBlock(this.#keys.mac1, this.serverCryptogram);
    return this.#aes.encryptBlock(this.#keys.mac2, once);
  }

  /** The channel, once both have proven that they have the key. */
  open(): SecureChannel {
    return new SecureChannel(this.#aes, this.#keys, this.initialMac);
  }
}

/** A MAC is taken over a frame with the MAC of the frame before as its beginning. */
export class SecureChannel {
  readonly #aes: Aes128;
  readonly #keys: SessionKeys;
  #lastMac: Uint8Array;

  constructor(aes: Aes128, keys: SessionKeys, initialMac: Uint8Array) {
    this.#aes = aes;
    this.#keys = keys;
    this.#lastMac = initialMac;
  }

  /** What a frame carries, encrypted. The frame that carries it comes next. */
  seal(data: Uint8Array): Uint8Array {
    const padded = pad(data, true);
    const sealed = new Uint8Array(padded.length);
    let before = this.#vector();
    for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
      before = this.#aes.encryptBlock(
        this.#keys.encryption,
        xor(padded.subarray(at, at + BLOCK_BYTES), before),
      );
      sealed.set(before, at);
    }
    return sealed;
  }

  /** Throws {@link SecureChannelError} for what was not sealed. To be called before the frame's MAC is taken over. */
  unseal(sealed: Uint8Array): Uint8Array {
    if (sealed.length === 0 || sealed.length % BLOCK_BYTES !== 0) {
      throw new SecureChannelError(`${sealed.length} bytes are no whole blocks`);
    }
    const padded = new Uint8Array(sealed.length);
    let before = this.#vector();
    for (let at = 0; at < sealed.length; at += BLOCK_BYTES) {
      const block = sealed.subarray(at, at + BLOCK_BYTES);
      padded.set(xor(this.#aes.decryptBlock(this.#keys.encryption, block), before), at);
      before = block;
    }
    const end = padded.lastIndexOf(PAD);
    if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0)) {
      throw new SecureChannelError("the padding is not one");
    }
    return padded.slice(0, end);
  }

  /** The MAC of a frame that is sent, its first four bytes. */
  sign(unsigned: Uint8Array): Uint8Array {
    this.#lastMac = this.#macOf(unsigned);
    return this.#lastMac.slice(0, MAC_BYTES);
  }

  /** Whether the frame that came is signed; only then does the chain go on from it. */
  verify(unsigned: Uint8Array, mac: Uint8Array): boolean {
    const right = this.#macOf(unsigned);
    if (mac.length !== MAC_BYTES || mac.some((byte, i) => byte !== right[i])) return false;
    this.#lastMac = right;
    return true;
  }

  #macOf(unsigned: Uint8Array): Uint8Array {
    const padded = pad(unsigned, false);
    let mac = this.#lastMac;
    for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
      const isLast = at + BLOCK_BYTES === padded.length;
      const block = xor(padded.subarray(at, at + BLOCK_BYTES), mac);
      mac = this.#aes.encryptBlock(isLast ? this.#keys.mac2 : this.#keys.mac1, block);
    }
    return mac;
  }

  /** The other side's last MAC, inverted. D.5 */
  #vector(): Uint8Array {
    return this.#lastMac.map((byte) => ~byte);
  }
}

/** Encryption always pads; a MAC pads what does not fill its last block. */
function pad(bytes: Uint8Array, always: boolean): Uint8Array {
  if (!always && bytes.length > 0 && bytes.length % BLOCK_BYTES === 0) return bytes;
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / BLOCK_BYTES) * BLOCK_BYTES);
  padded.set(bytes);
  padded[bytes.length] = PAD;
  return padded;
}

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));
