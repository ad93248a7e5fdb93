/** Who is at the other end of a TLS connection, by the certificate that was shown and verified in the handshake. */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { identityOfNames } from "@campus-ops/device-profiles/vocabulary";
import type { Access } from "./access.ts";

export interface CertificateHolder {
  /** For people: `qiyun-no1.box-1`. */
  readonly name: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Undefined where the certificate does not say whose it is. */
  readonly access: Access | undefined;
}

/** Undefined on a connection without a certificate, or with one that was not verified. */
export function holderOf(socket: Socket): CertificateHolder | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return {
    name: certificate.subject.replaceAll("\n", ", ").replace(/^CN=/, ""),
    serial: certificate.serialNumber.toLowerCase(),
    notAfter: certificate.validToDate.getTime(),
    access: identityOfNames(certificate.subjectAltName),
  };
}
