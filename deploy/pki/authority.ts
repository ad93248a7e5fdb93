/**
 * A hub's own certificate authority: one self-signed root that signs the certificates of edge nodes, of hosts and of the
 * hub's servers, and nothing else. P-256 and SHA-256 throughout, because TPMs and small boxes know them.
 *
 * The private key is a file of its own, which nobody but its owner can read. It may be taken off the machine: what there
 * is goes on, and nothing is signed until it is back.
 */
import "reflect-metadata";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  webcrypto,
  X509Certificate,
} from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { type CertificateIdentity, commonName, identityUri } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PublicKey,
  X509Certificate as RootCertificate,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const DAY_MS = 86_400_000;
/** A root is replaced by hand, on every box: not in this hub's life. */
export const AUTHORITY_DAYS = 20 * 365;
export const LEAF_DAYS = 90;
export const SERVER_DAYS = 365;
/** How far a box's clock may be behind the hub's when it is handed its certificate. */
const BACKDATED_MS = 5 * 60_000;
/** RFC 5280, 4.1.2.2: at most 20 octets and positive; 16 of them are beyond guessing. */
const SERIAL_BYTES = 16;

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface IssuedCertificate {
  readonly pem: string;
  /** Lower-case hex, as Node's `X509Certificate` has it, less the case. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export class Authority {
  /** PEM of the root. */
  readonly certificate: string;
  readonly #folder: string;

  private constructor(folder: string, certificate: string) {
    this.#folder = folder;
    this.certificate = certificate;
  }

  /** Makes root and key in `folder`. Throws {@link OperatorError} when there is an authority already. */
  static async create(folder: string, title: string, now: number): Promise<Authority> {
    if (existsSync(certificateFile(folder))) {
      throw new OperatorError(
        `${folder} holds a certificate authority already. A new one would lock out every box; remove the folder only when there are none`,
      );
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { privateKey, publicKey } = newKeyPair();
    const name = new Name([{ O: ["campus-ops"] }, { CN: [title] }]).toString();
    const { pem } = await sign({
      subject: name,
      issuer: name,
      publicKey,
      signingKey: privateKey,
      notBefore: now - BACKDATED_MS,
      days: AUTHORITY_DAYS,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    });
    writeFileSync(keyFile(folder), privateKey.export({ type: "pkcs8", format: "pem" }), {
      mode: 0o600,
      flag: "wx",
    });
    // Last: where the certificate is, the key was.
    writeFileSync(certificateFile(folder), pem, { mode: 0o644, flag: "wx" });
    return new Authority(folder, pem);
  }

  /** Throws {@link OperatorError} when there is none. */
  static open(folder: string): Authority {
    try {
      return new Authority(folder, readFileSync(certificateFile(folder), "utf8"));
    } catch {
      throw new OperatorError(
        `there is no certificate authority in ${folder}; campus-ops init makes one, and a backup may hold it`,
      );
    }
  }

  /** SHA-256 of the root's DER, lower-case hex: what a box is told to trust. */
  get pin(): string {
    return pinOf(this.certificate);
  }

  /** For an edge node or a host: `publicKey` is a SubjectPublicKeyInfo in DER. Throws {@link OperatorError} without the key. */
  async issue(identity: CertificateIdentity, publicKey: Buffer, now: number): Promise<IssuedCertificate> {
    return await this.#issue(
      commonName(identity),
      createPublicKey({ key: publicKey, format: "der", type: "spki" }),
      now,
      LEAF_DAYS,
      [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
        new SubjectAlternativeNameExtension([{ type: "url", value: identityUri(identity) }]),
      ],
    );
  }

  /** PEM of a new key, its certificate for `names` (host names and addresses), and the root behind it. */
  async issueServer(names: readonly string[], now: number): Promise<string> {
    const [first] = names;
    if (first === undefined) throw new OperatorError("a server's certificate needs a name or an address");
    const { privateKey, publicKey } = newKeyPair();
    const { pem } = await this.#issue(first.slice(0, 64), publicKey, now, SERVER_DAYS, [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
    ]);
    return `${privateKey.export({ type: "pkcs8", format: "pem" })}${pem}${this.certificate}`;
  }

  async #issue(
    name: string,
    publicKey: KeyObject,
    now: number,
    days: number,
    extensions: readonly Extension[],
  ): Promise<IssuedCertificate> {
    const root = new RootCertificate(this.certificate);
    return await sign({
      subject: new Name([{ CN: [name] }]).toString(),
      issuer: root.subject,
      publicKey,
      signingKey: this.#signingKey(),
      notBefore: now - BACKDATED_MS,
      days,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ...extensions,
        await AuthorityKeyIdentifierExtension.create(root.publicKey),
      ],
    });
  }

  #signingKey(): KeyObject {
    const file = keyFile(this.#folder);
    let pem: string;
    try {
      const readable = statSync(file).mode & 0o077;
      if (readable !== 0)
        throw new OperatorError(
          `${file} can be read by others; run chmod 600 on it, and nothing is signed before`,
        );
      pem = readFileSync(file, "utf8");
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw new OperatorError(
        `the key of the certificate authority is not here (${file}). Bring it back, or sign where it is: campus-ops enrol sign`,
      );
    }
    return createPrivateKey(pem);
  }
}

export const certificateFile = (folder: string): string => join(folder, "ca.crt");
export const keyFile = (folder: string): string => join(folder, "ca.key");

/** SHA-256 of a certificate's DER, lower-case hex. */
export function pinOf(pem: string): string {
  return createHash("sha256").update(new X509Certificate(pem).raw).digest("hex");
}

function newKeyPair(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

interface Signing {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly notBefore: number;
  readonly days: number;
  readonly extensions: readonly Extension[];
}

async function sign(to: Signing): Promise<IssuedCertificate> {
  const serial = randomBytes(SERIAL_BYTES);
  // Positive, and never shortened for a leading zero.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const notBefore = Math.floor(to.notBefore / 1_000) * 1_000;
  const notAfter = notBefore + to.days * DAY_MS;
  const publicKey = new PublicKey(new Uint8Array(to.publicKey.export({ type: "spki", format: "der" })));
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serial.toString("hex"),
      subject: to.subject,
      issuer: to.issuer,
      notBefore: new Date(notBefore),
      notAfter: new Date(notAfter),
      publicKey,
      signingAlgorithm: SIGNING,
      signingKey: await webcrypto.subtle.importKey(
        "pkcs8",
        to.signingKey.export({ type: "pkcs8", format: "der" }),
        SIGNING,
        false,
        ["sign"],
      ),
      extensions: [...to.extensions, await SubjectKeyIdentifierExtension.create(publicKey)],
    },
    webcrypto,
  );
  return { pem: `${certificate.toString("pem")}\n`, serial: serial.toString("hex"), notBefore, notAfter };
}
