/** A certificate authority made with OpenSSL, and certificates that it signed, as files in a temporary folder. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PemPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), "authority-"));

  constructor() {
    this.#make("authority", []);
  }

  /** `name`.key and `name`.crt with the alternative name, such as `IP:127.0.0.1`. */
  certificate(name: string, alternativeName: string, days = 2): PemPair {
    const extension = ["-addext", `subjectAltName=${alternativeName}`];
    const signer = ["-CA", "authority.crt", "-CAkey", "authority.key"];
    this.#make(name, [...extension, ...signer], days);
    return { cert: this.#read(`${name}.crt`), key: this.#read(`${name}.key`) };
  }

  get root(): Buffer {
    return this.#read("authority.crt");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  #make(name: string, more: readonly string[], days = 2): void {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`];
    const kind = ["req", "-x509", "-newkey", "ed25519", "-noenc", "-days", String(days)];
    execFileSync("openssl", [...kind, ...files, ...more], { cwd: this.folder, stdio: "pipe" });
  }
}
