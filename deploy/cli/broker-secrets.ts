/** Passwords between the parts of one machine: nobody has to think of one, and nobody else can read it. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const SECRET_BYTES = 18;

/** Creates the file, with something unguessable in it, unless it is there. True when it was created. */
export function ensureSecret(file: string): boolean {
  if (existsSync(file)) return false;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${randomBytes(SECRET_BYTES).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  return true;
}
