/** The hub's own key, with which it signs what it exports. Made at the first need; a file that only the hub can read. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

export interface SigningKey {
  readonly private: KeyObject;
  /** SPKI, PEM. */
  readonly public: string;
}

export function signingKey(file: string): SigningKey {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pending = `${file}.new`;
    writeFileSync(pending, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    renameSync(pending, file);
  }
  const key = createPrivateKey(readFileSync(file));
  return { private: key, public: createPublicKey(key).export({ type: "spki", format: "pem" }).toString() };
}
