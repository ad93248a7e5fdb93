/** Certificate requests of boxes (PKCS #10, RFC 2986): all that counts of them is the key, and that its holder signed. */
import "reflect-metadata";
import { createPublicKey, webcrypto } from "node:crypto";
import { Pkcs10CertificateRequest } from "@peculiar/x509";

/** A request with a P-256 key has about 500 characters. */
export const REQUEST_CHARACTERS_MAX = 4_096;

const PEM = /^\s*-----BEGIN CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE REQUEST-----\s*$/;

/** The SubjectPublicKeyInfo in DER of a sound request; undefined for everything else. */
export async function readRequest(pem: string): Promise<Buffer | undefined> {
  if (pem.length > REQUEST_CHARACTERS_MAX || !PEM.test(pem)) return undefined;
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const der = Buffer.from(request.publicKey.rawData);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return undefined;
    return (await request.verify(webcrypto)) ? der : undefined;
  } catch {
    // Whatever the parser did not like about a stranger's bytes.
    return undefined;
  }
}
