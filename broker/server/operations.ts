/** The broker's private HTTP: health and metrics on its unix socket. */
import { listenOnSocket, type Registry, socketPath } from "@campus-ops/service";
import { fastify } from "fastify";
import type { Broker } from "./broker.ts";

export interface Operations {
  close(): Promise<void>;
}

export async function serveOperations(run: string, broker: Broker, registry: Registry): Promise<Operations> {
  const server = fastify();
  server.get("/healthz", () => ({
    status: "ok",
    connections: broker.connectedClients,
    listen: broker.listeners.map(({ host, port, tls }) => ({ host, port, tls })),
  }));
  server.get("/metrics", async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  await listenOnSocket(server, socketPath(run, "broker"));
  return { close: () => server.close() };
}
