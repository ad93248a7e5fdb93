/**
 * Who may sign bundles: a root that lies in a safe and signs nothing but intermediates, an intermediate that signs releases, and for
 * each release a certificate of its own. Boxes know the root alone (RAUC reference, "Security").
 */
import "reflect-metadata";
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const DAY_MS = 86_400_000;
const DAYS = { root: 20 * 365, intermediate: 2 * 365, release: 2 * 365 } as const;
/** A box's clock may be behind that of whoever signs. */
const BACKDATED_MS = 5 * 60_000;
const SERIAL_BYTES = 16;
const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export type Signer = keyof typeof DAYS;

interface Pair {
  readonly key: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

export interface NewSigner {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** As many as is usual unless said. */
  readonly days?: number;
}

/** Makes `root.key` and `root.crt` in `folder`. Throws where there is a root already. */
export async function makeRoot(folder: string, { name, now }: NewSigner): Promise<void> {
  await make(folder, "root", name, now, DAYS.root);
}

/** Makes `intermediate.key` and `.crt`; needs the root's key, which can be taken away afterwards. */
export async function makeIntermediate(
  folder: string,
  { days = DAYS.intermediate, name, now }: NewSigner,
): Promise<void> {
  await make(folder, "intermediate", name, now, days, read(folder, "root"));
}

/** Makes `release.key` and `.crt`; needs the intermediate's key. */
export async function makeRelease(
  folder: string,
  { days = DAYS.release, name, now }: NewSigner,
): Promise<void> {
  await make(folder, "release", name, now, days, read(folder, "intermediate"));
}

export const certificateFile = (folder: string, signer: Signer): string => join(folder, `${signer}.crt`);
export const keyFile = (folder: string, signer: Signer): string => join(folder, `${signer}.key`);

function read(folder: string, signer: Signer): Pair {
  const [certificate, key] = [certificateFile(folder, signer), keyFile(folder, signer)];
  if (!existsSync(key)) throw new Error(`${key} is not here; it has to be for as long as it takes to sign`);
  return { certificate: readFileSync(certificate, "utf8"), key: createPrivateKey(readFileSync(key)) };
}

async function make(
  folder: string,
  signer: Signer,
  name: string,
  now: number,
  days: number,
  issuer?: Pair,
): Promise<void> {
  if (existsSync(keyFile(folder, signer)))
    throw new Error(
      `${keyFile(folder, signer)} is there already; boxes that know it would take nothing signed by another`,
    );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = new Name([{ O: ["campus-ops"] }, { CN: [name] }]).toString();
  const notBefore = now - BACKDATED_MS;
  const spki = new PublicKey(publicKey.export({ type: "spki", format: "der" }));
  const signed = issuer === undefined ? spki : new X509Certificate(issuer.certificate).publicKey;
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject,
      issuer: issuer === undefined ? subject : new X509Certificate(issuer.certificate).subject,
      notBefore: new Date(notBefore),
      notAfter: new Date(notBefore + days * DAY_MS),
      publicKey: spki,
      signingKey: await signingKey(issuer?.key ?? privateKey),
      signingAlgorithm: SIGNING,
      extensions: [
        ...usesOf(signer),
        await SubjectKeyIdentifierExtension.create(spki, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(signed, false, webcrypto),
      ],
    },
    webcrypto,
  );
  writeFileSync(keyFile(folder, signer), privateKey.export({ type: "pkcs8", format: "pem" }), {
    mode: 0o600,
    flag: "wx",
  });
  writeFileSync(certificateFile(folder, signer), `${certificate.toString("pem")}\n`);
}

function usesOf(signer: Signer): readonly Extension[] {
  if (signer === "release")
    return [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.codeSigning]),
    ];
  return [
    new BasicConstraintsExtension(true, signer === "root" ? 1 : 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
}

/** Positive, as RFC 5280 asks. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return await webcrypto.subtle.importKey("pkcs8", pkcs8, SIGNING, false, ["sign"]);
}
