/**
 * A key of the box's own and the request to have it certified (PKCS #10, RFC 2986), in the DER that every authority reads.
 * Written by hand, because it is forty lines of a fixed shape, and libraries for it weigh more than the agent's drivers.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
/** Attributes of CertificationRequestInfo: context-specific, constructed, 0. */
const ATTRIBUTES = 0xa0;
/** 2.5.4.3, commonName. */
const COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
/** 1.2.840.10045.4.3.2, ecdsa-with-SHA256. */
const ECDSA_WITH_SHA256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);

/** PKCS #8 in PEM. */
export function newPrivateKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The request in PEM. `name` is for people who look at it: the authority says whose the certificate is. */
export function certificateRequest(privateKey: string, name: string): string {
  const key = createPrivateKey(privateKey);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const info = der(
    SEQUENCE,
    der(INTEGER, Buffer.from([0])),
    der(
      SEQUENCE,
      der(SET, der(SEQUENCE, der(OBJECT_IDENTIFIER, COMMON_NAME), der(UTF8_STRING, Buffer.from(name)))),
    ),
    publicKey,
    der(ATTRIBUTES),
  );
  const signature = sign("sha256", info, { key, dsaEncoding: "der" });
  const request = der(
    SEQUENCE,
    info,
    der(SEQUENCE, der(OBJECT_IDENTIFIER, ECDSA_WITH_SHA256)),
    der(BIT_STRING, Buffer.from([0]), signature),
  );
  const lines = request.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
