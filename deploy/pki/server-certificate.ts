/** The hub's own certificate, for its broker and its enrolment: renewed when two thirds of its time are over or its names change. */
import { X509Certificate } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { isIP } from "node:net";
import type { Authority } from "./authority.ts";
import { serverFile } from "./configuration.ts";

const RENEW_AFTER = 2 / 3;

export interface ServerCertificate {
  /** PEM of key, certificate and authority. */
  readonly pem: string;
  readonly renewed: boolean;
}

/** Throws `OperatorError` when it has to be signed and the authority's key is away. */
export async function ensureServerCertificate(
  authority: Authority,
  folder: string,
  names: readonly string[],
  now: number,
): Promise<ServerCertificate> {
  const file = serverFile(folder);
  const present = read(file);
  if (present !== undefined && isGood(present, authority, names, now))
    return { pem: present, renewed: false };
  const pem = await authority.issueServer(names, now);
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, "w", 0o600);
  writeSync(descriptor, pem);
  fsyncSync(descriptor);
  closeSync(descriptor);
  // One step: the broker, which watches the file, never sees half of it.
  renameSync(temporary, file);
  return { pem, renewed: true };
}

function isGood(pem: string, authority: Authority, names: readonly string[], now: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const root = new X509Certificate(authority.certificate);
    const begins = certificate.validFromDate.getTime();
    const ends = certificate.validToDate.getTime();
    return (
      certificate.checkIssued(root) &&
      now < begins + (ends - begins) * RENEW_AFTER &&
      names.every(
        (name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined,
      )
    );
  } catch {
    // A file that was damaged is as good as none.
    return false;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
