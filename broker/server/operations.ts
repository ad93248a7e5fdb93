/** The broker's private HTTP: health and metrics on its unix socket. */
import { Gauge, type Operations, type Registry, serveOperations, socketPath } from "@campus-ops/service";
import type { Broker } from "./broker.ts";

export function serveBrokerOperations(run: string, broker: Broker, registry: Registry): Promise<Operations> {
  new Gauge({
    name: "campus_ops_broker_messages_waiting",
    help: "messages read from clients and not yet handed on",
    registers: [registry],
    collect() {
      this.set(broker.waitingMessages);
    },
  });
  return serveOperations(socketPath(run, "broker"), {
    registry,
    health: () => ({
      status: "ok",
      connections: broker.connectedClients,
      listen: broker.listeners.map(({ host, port, tls }) => ({ host, port, tls })),
    }),
  });
}
