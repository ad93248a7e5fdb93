/** The broker's private HTTP: health and metrics on its unix socket. */
import { type Operations, type Registry, serveOperations, socketPath } from "@campus-ops/service";
import type { Broker } from "./broker.ts";

export function serveBrokerOperations(run: string, broker: Broker, registry: Registry): Promise<Operations> {
  return serveOperations(socketPath(run, "broker"), {
    registry,
    health: () => ({
      status: "ok",
      connections: broker.connectedClients,
      listen: broker.listeners.map(({ host, port, tls }) => ({ host, port, tls })),
    }),
  });
}
