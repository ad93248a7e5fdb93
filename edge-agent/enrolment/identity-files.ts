/**
 * The box's identity on its disk, in a folder of its own beside the configuration:
 *
 * | file            | what                                                                     |
 * | --------------- | ------------------------------------------------------------------------ |
 * | `identity.pem`  | key and certificate in one file, so that they are replaced in one step   |
 * | `ca.pem`        | the authority                                                            |
 * | `pending.key`   | the key that is being enrolled: kept before anybody is asked, so that whoever is cut off asks again with the same |
 * | `next.key`, `next.pem` | of a renewal, until the new certificate has worked once              |
 * | `used-tokens`   | hashes of tokens that could not be taken out of a seed file              |
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { newPrivateKey } from "./certificate-request.ts";

export interface IdentityFiles {
  readonly identity: string;
  readonly authority: string;
  readonly pendingKey: string;
  readonly nextKey: string;
  readonly next: string;
  readonly usedTokens: string;
}

/** Below the folder of `configurationFile`. */
export function identityFiles(configurationFile: string): IdentityFiles {
  const folder = join(dirname(configurationFile), "identity");
  const file = (name: string): string => join(folder, name);
  return {
    identity: file("identity.pem"),
    authority: file("ca.pem"),
    pendingKey: file("pending.key"),
    nextKey: file("next.key"),
    next: file("next.pem"),
    usedTokens: file("used-tokens"),
  };
}

/** Whole or not there, whenever the power goes; for its owner alone. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  moveDurably(temporary, file);
}

export function moveDurably(from: string, to: string): void {
  renameSync(from, to);
  const folder = openSync(dirname(to), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The key in `file`, made and kept first where there is none. */
export function keyIn(file: string): string {
  const there = readIfThere(file);
  if (there !== undefined && isKey(there)) return there;
  const key = newPrivateKey();
  writeDurably(file, key);
  return key;
}

export const remove = (file: string): void => rmSync(file, { force: true });

/** Whether a certificate is for a key; false as well for what is no certificate. */
export function belongTogether(certificate: string, key: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function isKey(text: string): boolean {
  try {
    createPrivateKey(text);
    return true;
  } catch {
    return false;
  }
}
