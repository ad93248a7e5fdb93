/** Where a worker answers for a campus: a socket of this machine, or a port for workers and consoles of others. */
import { timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { OperatorError } from "../lifecycle.ts";
import { listenOnSocket } from "../socket.ts";
import { TOKEN_HEADER } from "./directory.ts";
import type { Role } from "./leases.ts";

export interface AnsweringPlace {
  readonly run: string;
  /** A name or an address of this machine that the others reach; a socket unless said. */
  readonly host?: string | undefined;
  /** What is asked for over TCP. */
  readonly token?: string | undefined;
}

/** Waits with every answer until what it may have seen is kept. Before the server listens. */
export function holdAnswers(server: FastifyInstance, settled: () => Promise<void>): void {
  server.addHook("onSend", async () => settled());
}

/** Throws {@link OperatorError} where a port is to be open without a token. */
export async function answerFor(
  server: FastifyInstance,
  { host, run, token }: AnsweringPlace,
  role: Role,
  campus: string,
): Promise<string> {
  if (host === undefined) {
    const path = join(run, `${role}-${campus}.sock`);
    await listenOnSocket(server, path);
    return path;
  }
  if (token === undefined)
    throw new OperatorError(
      "CAMPUS_OPS_WORKER_HOST opens ports, and relational.tokenFile, which keeps strangers from them, is not set",
    );
  const expected = Buffer.from(token);
  server.addHook("onRequest", async (request, reply) => {
    const shown = Buffer.from(String(request.headers[TOKEN_HEADER] ?? ""));
    if (shown.length !== expected.length || !timingSafeEqual(shown, expected))
      await reply.code(401).send({ title: "No such token", status: 401 });
  });
  await server.listen({ host, port: 0 });
  const port = server.addresses().find((address) => typeof address !== "string")?.port;
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
