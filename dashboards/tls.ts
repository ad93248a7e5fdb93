/** The certificate that browsers are shown, from files that may be renewed while we run. */
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type Server } from "node:tls";
import { OperatorError } from "@campus-ops/service";

export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface Tls {
  readonly certificate: string;
  readonly key: string;
}

/** Throws {@link OperatorError} for files that cannot be read, are readable by others, or do not belong together. */
export function readTls({ certificateFile, keyFile }: TlsFiles): Tls {
  try {
    if ((statSync(keyFile).mode & 0o077) !== 0)
      throw new OperatorError(`${keyFile} can be read by others; run chmod 600 on it`);
    const read = { certificate: readFileSync(certificateFile, "utf8"), key: readFileSync(keyFile, "utf8") };
    createSecureContext({ cert: read.certificate, key: read.key });
    return read;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`${certificateFile} and ${keyFile} are no certificate with its key: ${reason}`);
  }
}

/** Takes renewed files into use; answers what to call now and then, which says whether it did. */
export function renewal(server: Pick<Server, "setSecureContext">, files: TlsFiles): () => boolean {
  let version = versionOf(files);
  return () => {
    const now = versionOf(files);
    if (now === version) return false;
    // Looked at once: files that are not right are told of, the old certificate stays, and the next change is looked at.
    version = now;
    const { certificate, key } = readTls(files);
    server.setSecureContext({ cert: certificate, key });
    return true;
  };
}

function versionOf({ certificateFile, keyFile }: TlsFiles): string {
  return [certificateFile, keyFile].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join();
}
