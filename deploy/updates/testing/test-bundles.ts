/** Bundles made by RAUC itself, signed below a root of the test's own. */
import "reflect-metadata";
import { spawnSync } from "node:child_process";
import { randomBytes, webcrypto } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

interface Signer {
  readonly keyFile: string;
  readonly certFile: string;
}

export interface BundleWords {
  readonly compatible?: string;
  readonly version?: string;
  /** What its signer's certificate is for; releases unless said. */
  readonly purpose?: "codeSigning" | "serverAuth";
  /** Of what is in it, beyond the few bytes that a squashfs needs. */
  readonly bytes?: number;
}

export class TestBundles implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "bundles-"));
  readonly keyring = join(this.folder, "root.pem");
  readonly #issue: (name: string, endsInDays: number, purpose: ExtendedKeyUsage) => Promise<Signer>;
  #made = 0;

  private constructor(
    issue: (folder: string, name: string, endsInDays: number, purpose: ExtendedKeyUsage) => Promise<Signer>,
    root: string,
  ) {
    this.#issue = (name, days, purpose) => issue(this.folder, name, days, purpose);
    writeFileSync(this.keyring, root);
  }

  static async open(): Promise<TestBundles> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const dates = (days: number) => ({
      notBefore: new Date(Date.now() - 30 * DAY_MS),
      notAfter: new Date(Date.now() + days * DAY_MS),
    });
    const root = await X509CertificateGenerator.createSelfSigned({
      name: "CN=Test root",
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
      ...dates(30),
    });
    const issue = async (
      folder: string,
      name: string,
      endsInDays: number,
      purpose: ExtendedKeyUsage,
    ): Promise<Signer> => {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const certificate = await X509CertificateGenerator.create({
        subject: `CN=${name}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([purpose]),
        ],
        ...dates(endsInDays),
      });
      const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", own.privateKey)).toString("base64");
      const keyFile = join(folder, `${name}.key`);
      const certFile = join(folder, `${name}.pem`);
      writeFileSync(keyFile, `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`, {
        mode: 0o600,
      });
      writeFileSync(certFile, certificate.toString("pem"));
      return { keyFile, certFile };
    };
    return new TestBundles(issue, root.toString("pem"));
  }

  /** Path of a new bundle; `endsInDays`: when its signer's certificate ends. */
  async make(
    {
      bytes = 20_000,
      compatible = "campus-ops-edge-amd64",
      purpose = "codeSigning",
      version = "0.2.0",
    }: BundleWords = {},
    endsInDays = 10,
  ): Promise<string> {
    this.#made += 1;
    const { certFile, keyFile } = await this.#issue(
      `release-${this.#made}`,
      endsInDays,
      ExtendedKeyUsage[purpose],
    );
    const content = join(this.folder, `content-${this.#made}`);
    const file = join(this.folder, `bundle-${this.#made}.raucb`);
    mkdirSync(content);
    writeFileSync(join(content, "root.img"), randomBytes(bytes));
    writeFileSync(
      join(content, "manifest.raucm"),
      `[update]\ncompatible=${compatible}\nversion=${version}\n\n[bundle]\nformat=verity\n\n[image.rootfs]\nfilename=root.img\n`,
    );
    const { status, stderr } = spawnSync(
      "rauc",
      ["--cert", certFile, "--key", keyFile, "bundle", content, file],
      {
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(`rauc: ${stderr}`);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
