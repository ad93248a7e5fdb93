/**
 * Enrolment's HTTPS listener: two requests, small and seldom, from anywhere. TLS 1.3; a client's certificate is asked for and
 * not demanded, because a box that enrols has none and one that renews may show one that has ended.
 *
 * | request         | body (JSON)          | answer                                     |
 * | --------------- | -------------------- | ------------------------------------------ |
 * | `POST /v1/enrol` | `{ token, request }` | `{ certificate, authority, configuration }` |
 * | `POST /v1/renew` | `{ request }`        | `{ certificate, authority }`                |
 *
 * A refusal is `{ refused: <code> }` with 403, or 400, 413, 429 and 503. What boxes fetch here besides is in
 * `deploy/updates/downloads.ts`.
 */
import type { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Counter, type Log, OperatorError } from "@campus-ops/service";
import { type Downloads, isDownload } from "../updates/downloads.ts";
import { REQUEST_CHARACTERS_MAX } from "./certificate-request.ts";
import type { Enrolment, EnrolmentAnswer } from "./enrolment.ts";
import { RateLimit } from "./rate-limit.ts";

export const BODY_BYTES_MAX = 2 * REQUEST_CHARACTERS_MAX;
export const CONNECTIONS_MAX = 256;
const REQUEST_MS_MAX = 10_000;
/** Of one address. A school behind one address enrols that many boxes in a minute. */
export const REQUESTS_A_MINUTE_MAX = 30;
/** Of all together: each is recorded, and the record is for people. */
export const REQUESTS_A_MINUTE_ALL_MAX = 600;

export interface EnrolmentServerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM of key, certificate and authority. */
  readonly identity: string;
  readonly enrolment: Enrolment;
  readonly log: Log;
  readonly requests: Counter<"outcome">;
  /** {@link REQUESTS_A_MINUTE_MAX} unless said. */
  readonly requestsAMinute?: number;
  /** Updates for boxes; absent: there are none here. */
  readonly downloads?: Pick<Downloads, "answer">;
}

export interface EnrolmentServer {
  readonly port: number;
  /** Serves new connections with another key and certificate. */
  useIdentity(pem: string): void;
  close(): Promise<void>;
}

export async function serveEnrolment(options: EnrolmentServerOptions): Promise<EnrolmentServer> {
  const { downloads, enrolment, host, identity, log, port, requests } = options;
  const { requestsAMinute = REQUESTS_A_MINUTE_MAX } = options;
  const limit = new RateLimit(requestsAMinute);
  const all = new RateLimit(REQUESTS_A_MINUTE_ALL_MAX);
  const allows = (who: string): boolean =>
    limit.allows(who, performance.now()) && all.allows("all", performance.now());
  const server = createServer({
    key: identity,
    cert: identity,
    minVersion: "TLSv1.3",
    requestCert: true,
    // Judged by the rules of renewal, which know certificates that have ended.
    rejectUnauthorized: false,
    handshakeTimeout: REQUEST_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: REQUEST_MS_MAX,
    maxHeaderSize: 8_192,
    keepAlive: false,
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on("request", (request, response) => {
    const who = request.socket.remoteAddress ?? "unknown";
    if (downloads !== undefined && isDownload(request)) {
      const box = boxOf(enrolment, request);
      // A box that may ask is slowed down by the downloads themselves; strangers are counted like all others.
      if (box !== undefined || allows(who)) return void downloads.answer(request, response, box);
    }
    void answer(options, allows(who), request, who)
      .catch((error: unknown): Reply => {
        log.error(
          { err: error, who },
          "an enrolment failed; the box tries again, and its token is as good as before",
        );
        return { status: 503, body: { refused: "hub-error" } };
      })
      .then((reply) => {
        requests.inc({ outcome: "refused" in reply.body ? String(reply.body.refused) : "done" });
        send(response, reply);
      });
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    useIdentity: (pem) => server.setSecureContext({ key: pem, cert: pem, minVersion: "TLSv1.3" }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Reply {
  readonly status: number;
  readonly body: EnrolmentAnswer | { readonly refused: string };
}

async function answer(
  { enrolment, log }: EnrolmentServerOptions,
  isAllowed: boolean,
  request: IncomingMessage,
  who: string,
): Promise<Reply> {
  const refuse = (status: number, refused: string): Reply => ({ status, body: { refused } });
  if (!isAllowed) return refuse(429, "too-many");
  if (request.method !== "POST" || (request.url !== "/v1/enrol" && request.url !== "/v1/renew")) {
    return refuse(404, "not-here");
  }
  const text = await bodyOf(request);
  if (text === undefined) return refuse(413, "request-malformed");
  const { request: asked, token } = textsOf(text);
  if (asked === undefined) return refuse(400, "request-malformed");
  try {
    const done = await (request.url === "/v1/enrol"
      ? token === undefined
        ? { refused: "token-unknown" as const }
        : enrolment.enrol(token, asked, who)
      : renew(enrolment, request, asked, who));
    return { status: "refused" in done ? 403 : 200, body: done };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    log.error({ who }, error.message);
    return refuse(503, "hub-error");
  }
}

async function renew(
  enrolment: Enrolment,
  request: IncomingMessage,
  asked: string,
  who: string,
): Promise<EnrolmentAnswer> {
  const holder: X509Certificate | undefined = (request.socket as TLSSocket).getPeerX509Certificate();
  return holder === undefined
    ? { refused: "certificate-stranger" }
    : await enrolment.renew(holder, asked, who);
}

/** `campus/node` of whoever shows a certificate that is good. */
function boxOf(enrolment: Enrolment, request: IncomingMessage): string | undefined {
  const holder = (request.socket as TLSSocket).getPeerX509Certificate();
  const identity = holder === undefined ? undefined : enrolment.holderOf(holder);
  return identity?.role === "edge" ? `${identity.campus}/${identity.node}` : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function textsOf(body: string): { readonly request: string | undefined; readonly token: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // Answered like every other body that says nothing.
  }
  const text = (name: string): string | undefined => {
    const found: unknown =
      typeof value === "object" && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
    return typeof found === "string" ? found : undefined;
  };
  return { request: text("request"), token: text("token") };
}

function send(response: ServerResponse, { body, status }: Reply): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    connection: "close",
    ...(status === 429 ? { "retry-after": "60" } : {}),
  });
  response.end(JSON.stringify(body));
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new OperatorError(
          `enrolment cannot listen on ${host}:${port} (${error.code ?? error.message}); change enrolment.listen in the hub's configuration`,
        ),
      ),
    );
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}
