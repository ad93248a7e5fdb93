/**
 * Where whoever runs the machines asks a worker how it is; nothing that it tells needs a token.
 *
 *   GET /livez  → WorkerStatus; 503 once it has not looked after its leases for too long: it hangs, end it
 *   GET /readyz → WorkerStatus; 503 while it does not know that its leases stand, or takes campuses on
 *
 * PostgreSQL that is away makes a worker unready and never dead: starting it again would help nobody.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import http from "../node-http.ts";
import type { Role } from "./leases.ts";

/** A worker whose machine is busy may be late with its leases; after so many leases' time it hangs. */
const LEASES_MISSED_MAX = 6;

/** How a worker is doing, for whoever watches over the process. */
export interface WorkerStatus {
  readonly role: Role;
  readonly worker: string;
  /** Campuses that it answers for. */
  readonly campuses: readonly string[];
  /** Campuses whose work begins or is handed over. */
  readonly changing: readonly string[];
  /** Campuses whose work failed here, left to the others. */
  readonly setAside: readonly string[];
  /** Since PostgreSQL last said that the leases stand; absent before the first time. */
  readonly leaseAge_ms?: number;
  readonly lease_ms: number;
  /** Since the worker last looked after its leases, whatever it was answered: one that hangs looks no more. */
  readonly beatAge_ms: number;
}

export interface Probe {
  readonly port: number;
  close(): Promise<void>;
}

export interface ProbePlace {
  readonly host: string;
  /** 0 for one that the system chooses. */
  readonly port: number;
}

export async function serveProbe({ host, port }: ProbePlace, status: () => WorkerStatus): Promise<Probe> {
  const server = http.createServer((request, response) => {
    const now = status();
    const isWell =
      request.url === "/livez" ? isAlive(now) : request.url === "/readyz" ? isReady(now) : undefined;
    if (isWell === undefined) {
      response.writeHead(404, { "content-type": "text/plain" }).end("only /livez and /readyz are here\n");
      return;
    }
    response
      .writeHead(isWell ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" })
      .end(JSON.stringify(now));
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

export const isAlive = ({ beatAge_ms, lease_ms }: WorkerStatus): boolean =>
  beatAge_ms <= LEASES_MISSED_MAX * lease_ms;

export const isReady = ({ changing, leaseAge_ms, lease_ms }: WorkerStatus): boolean =>
  changing.length === 0 && leaseAge_ms !== undefined && leaseAge_ms <= lease_ms;
