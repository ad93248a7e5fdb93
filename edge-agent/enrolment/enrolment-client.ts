/** Asks a hub's enrolment for a certificate: one HTTPS request over a connection to an authority that is known by its hash. */
import http from "@campus-ops/service/node-http";
import { connectPinned, PinnedTlsError } from "../mqtt/pinned-tls.ts";

/** Certificates and a list of devices. */
export const ANSWER_BYTES_MAX = 1024 * 1024;
const ANSWER_MS_MAX = 20_000;

export interface EnrolmentAnswer {
  /** PEM. */
  readonly certificate: string;
  readonly authority: string;
  readonly configuration?: unknown;
}

/** Why there is no certificate: the hub's own code, or one of those of the way there. */
export class EnrolmentError extends Error {
  override readonly name = "EnrolmentError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface EnrolmentAddress {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the authority's certificate, hex. */
  readonly pin: string;
  /** Of a box that renews: its present key and certificate, in PEM. */
  readonly identity?: { readonly key: string; readonly cert: string };
  /** The time to judge the hub by; undefined at enrolment, which trusts the fingerprint alone. */
  readonly now: number | undefined;
}

/** Rejects with {@link EnrolmentError}. */
export async function askEnrolment(
  address: EnrolmentAddress,
  path: "/v1/enrol" | "/v1/renew",
  body: object,
): Promise<EnrolmentAnswer> {
  const now = address.now === undefined ? undefined : { wall: address.now };
  const socket = await connectPinned({ ...address, now }).catch((error: unknown) => {
    throw error instanceof PinnedTlsError ? new EnrolmentError(TLS_CODES[error.kind], error.message) : error;
  });
  try {
    const { status, text } = await post(address, path, JSON.stringify(body), socket);
    return answerOf(status, text);
  } finally {
    socket.destroy();
  }
}

const TLS_CODES = {
  unreachable: "hub-unreachable",
  pin: "pin-mismatch",
  name: "hub-name",
  time: "hub-certificate-time",
} as const;

function post(
  { host, port }: EnrolmentAddress,
  path: string,
  body: string,
  socket: Awaited<ReturnType<typeof connectPinned>>,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(new EnrolmentError("hub-unreachable", error.message));
    const asked = http.request(
      {
        host,
        port,
        path,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        createConnection: () => socket,
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes > ANSWER_BYTES_MAX) response.destroy(new Error("the answer is too large"));
        });
        response.once("error", failed);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    asked.once("error", failed);
    asked.end(body);
  });
}

function answerOf(status: number, text: string): EnrolmentAnswer {
  const answer = parsed(text);
  if (status === 200 && typeof answer.certificate === "string" && typeof answer.authority === "string") {
    const { authority, certificate, configuration } = answer;
    return { certificate, authority, configuration };
  }
  const code =
    typeof answer.refused === "string" && /^[a-z-]{1,40}$/.test(answer.refused)
      ? answer.refused
      : "hub-error";
  throw new EnrolmentError(code, `the hub answered ${status} (${code})`);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
