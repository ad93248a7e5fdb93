/** When the certificate that signed a bundle began: no time before it can be right, once its chain has been found good. */
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** A bundle ends with the length of its signature, big-endian, and before that lies the signature (RAUC reference, "Bundle formats"). */
const LENGTH_BYTES = 8;
const SIGNATURE_BYTES_MAX = 64 * 1024;

/** Latest beginning of the certificates in it, milliseconds since the epoch. Throws where there is none. */
export function signedAfter(bundle: string): number {
  const { stdout } = spawnSync("openssl", ["pkcs7", "-inform", "DER", "-print_certs"], {
    input: signatureOf(bundle),
    encoding: "utf8",
  });
  const pems = stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (pems.length === 0) throw new Error(`${bundle} carries no certificate`);
  return Math.max(...pems.map((pem) => Date.parse(new X509Certificate(pem).validFrom)));
}

export function signatureOf(bundle: string): Buffer {
  const file = openSync(bundle, "r");
  try {
    const { size } = fstatSync(file);
    const length = Number(read(file, size - LENGTH_BYTES, LENGTH_BYTES).readBigUInt64BE());
    if (length > Math.min(SIGNATURE_BYTES_MAX, size - LENGTH_BYTES))
      throw new Error(`${bundle} is no bundle`);
    return read(file, size - LENGTH_BYTES - length, length);
  } finally {
    closeSync(file);
  }
}

function read(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const got = position < 0 ? 0 : readSync(file, buffer, 0, length, position);
  if (got !== length) throw new Error("the file is too short for a bundle");
  return buffer;
}
