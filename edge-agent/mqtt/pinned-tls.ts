/**
 * TLS to a server whose authority is known by the SHA-256 of its certificate, and judged by the box's own clock: OpenSSL
 * would judge by the system's, which on a box without a battery begins in 1970.
 *
 * The rules are few because the authority is ours: it signs servers directly, so the server's certificate must be signed by
 * it, be for servers, name the host, and be in its time. A client's certificate of the same authority is no server's.
 */
import { createHash, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";

export const HANDSHAKE_MS_MAX = 10_000;
/** 1.3.6.1.5.5.7.3.1, id-kp-serverAuth (RFC 5280, 4.2.1.12). */
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";

export type PinnedTlsFailure = "unreachable" | "pin" | "name" | "time";

/** Nothing was sent over the connection but the handshake. */
export class PinnedTlsError extends Error {
  override readonly name = "PinnedTlsError";
  readonly kind: PinnedTlsFailure;
  constructor(kind: PinnedTlsFailure, message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface PinnedTlsOptions {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the authority's certificate in DER, hex. */
  readonly pin: string;
  /** PEM of the box's key and certificate. */
  readonly identity?: { readonly key: string; readonly cert: string };
  /** The time to judge by; undefined: dates do not matter, which is for enrolment alone. */
  readonly now: TimeToJudgeBy | undefined;
}

export interface TimeToJudgeBy {
  /** Milliseconds since the epoch. */
  readonly wall: number;
  /** It is later than that, and nobody knows how much: a certificate that has not begun may well have. */
  readonly untrusted?: true;
}

/** Rejects with {@link PinnedTlsError}. */
export function connectPinned(options: PinnedTlsOptions): Promise<TLSSocket> {
  const { host, identity, port } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      minVersion: "TLSv1.3",
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...identity,
      // Judged below, before anything is sent or read.
      rejectUnauthorized: false,
    });
    const fail = (kind: PinnedTlsFailure, message: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new PinnedTlsError(kind, message));
    };
    const failed = (error: Error): void => fail("unreachable", error.message);
    const timer = setTimeout(() => fail("unreachable", `no answer from ${host}:${port}`), HANDSHAKE_MS_MAX);
    socket.once("error", failed);
    socket.once("secureConnect", () => {
      const wrong = judge(chainOf(socket), options);
      if (wrong !== undefined) {
        fail(wrong.kind, wrong.message);
        return;
      }
      clearTimeout(timer);
      socket.off("error", failed);
      resolve(socket);
    });
  });
}

interface Chain {
  readonly server: X509Certificate;
  readonly others: readonly X509Certificate[];
}

/** Certificates a server may send behind its own. */
const CHAIN_MAX = 8;

function chainOf(socket: TLSSocket): Chain | undefined {
  const shown = socket.getPeerCertificate(true);
  if (shown.raw === undefined) return undefined;
  const others: X509Certificate[] = [];
  let each = shown;
  while (others.length < CHAIN_MAX && each.issuerCertificate?.raw !== undefined) {
    // A root is its own issuer.
    if (each.issuerCertificate === each) break;
    each = each.issuerCertificate;
    others.push(new X509Certificate(each.raw));
  }
  return { server: new X509Certificate(shown.raw), others };
}

function judge(
  chain: Chain | undefined,
  { host, now, pin }: PinnedTlsOptions,
): { readonly kind: PinnedTlsFailure; readonly message: string } | undefined {
  const root = chain?.others.find(({ raw }) => createHash("sha256").update(raw).digest("hex") === pin);
  if (chain === undefined || root === undefined) {
    return {
      kind: "pin",
      message: `${host} does not belong to the authority with the fingerprint ${pin.slice(0, 16)}…`,
    };
  }
  const { server } = chain;
  const isServer = server.keyUsage?.includes(SERVER_AUTHENTICATION) === true && !server.ca;
  if (!isServer || !server.checkIssued(root) || !server.verify(root.publicKey)) {
    return {
      kind: "pin",
      message: `${host} shows a certificate that its authority did not sign for a server`,
    };
  }
  const named = isIP(host) === 0 ? server.checkHost(host) : server.checkIP(host);
  if (named === undefined) {
    return {
      kind: "name",
      message: `the server's certificate is for ${server.subjectAltName}, and not for ${host}`,
    };
  }
  if (now === undefined) return undefined;
  const { untrusted, wall } = now;
  const early = !untrusted && [server, root].some(({ validFromDate }) => validFromDate.getTime() > wall);
  const late = [server, root].some(({ validToDate }) => validToDate.getTime() < wall);
  return early || late
    ? {
        kind: "time",
        message: `the server's certificate is ${late ? "over" : "not yet good"}, by this box's clock`,
      }
    : undefined;
}
