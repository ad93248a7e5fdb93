/** What the secure channel of OSDP takes from Node: the codecs are pure, and drivers and simulators hand this in. */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { type Aes128, KEY_BYTES } from "../codecs/osdp-secure-channel.ts";

export const aes: Aes128 = {
  encryptBlock: (key, block) => createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(block),
  decryptBlock: (key, block) =>
    createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(block),
};

/** 32 hex digits are the key itself; any other text is a passphrase that the key is made of. */
export function keyOf(secret: string): Uint8Array {
  if (/^[0-9a-fA-F]{32}$/.test(secret)) return Buffer.from(secret, "hex");
  return createHash("sha256").update(secret).digest().subarray(0, KEY_BYTES);
}
