/** A connection to NATS that comes back whenever its server does. */
import { readFileSync } from "node:fs";
import { connect, type NatsConnection } from "@nats-io/transport-node";

const RECONNECT_MS = 250;
/** How often what failed while the server was away is tried again. */
export const RETRY_MS = 250;

export interface NatsAccess {
  /** `nats://host:port`, several with commas between them; `tls://` to insist on TLS. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly caFile?: string;
}

/** Waits for a server that is not there yet. Rejects when it refuses the user. */
export async function connectToNats(access: NatsAccess, name: string): Promise<NatsConnection> {
  const { url, username, password, caFile } = access;
  return connect({
    servers: url.split(","),
    name,
    maxReconnectAttempts: -1,
    waitOnFirstConnect: true,
    reconnectTimeWait: RECONNECT_MS,
    ...(username === undefined ? {} : { user: username }),
    ...(password === undefined ? {} : { pass: password }),
    ...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile, "utf8") } }),
  });
}
