import { readFileSync, statSync } from "node:fs";

/** A secret is a line. */
const SECRET_BYTES_MAX = 1024;

/** A secret, or what is wrong with its file, in words that follow the field's name. */
export type Secret = { readonly text: string } | { readonly problem: string; readonly zh: string };

/**
 * Reads a secret from a file that only its owner can read. Configurations name such files and never hold the secret
 * itself, so that they can be shown, mailed and versioned.
 */
export function readSecretFile(file: string): Secret {
  try {
    const { mode, size } = statSync(file);
    if ((mode & 0o077) !== 0)
      return {
        problem: `${file} can be read by others; run chmod 600 on it`,
        zh: `${file} 可被其他用户读取，请运行 chmod 600`,
      };
    if (size > SECRET_BYTES_MAX)
      return {
        problem: `${file} is longer than ${SECRET_BYTES_MAX} bytes`,
        zh: `${file} 超过 ${SECRET_BYTES_MAX} 字节`,
      };
    const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    return text === "" ? { problem: `${file} is empty`, zh: `${file} 是空的` } : { text };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return { problem: `${file} cannot be read (${code})`, zh: `${file} 无法读取（${code}）` };
  }
}
