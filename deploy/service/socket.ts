/**
 * The private HTTP between the processes of one hub: unix sockets in a folder of mode 0700, so that the file system
 * says who may connect and no port is taken.
 */
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import http from "./node-http.ts";

/** `sun_path` in Linux's `sockaddr_un` holds 108 bytes with its closing zero. */
export const SOCKET_PATH_BYTES_MAX = 107;

export function socketPath(run: string, name: string): string {
  return join(run, `${name}.sock`);
}

/** Listens on a unix socket that only this user can open. A socket left by a killed process is replaced. */
export async function listenOnSocket(server: FastifyInstance | Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) {
    throw new Error(
      `the socket path ${path} is longer than ${SOCKET_PATH_BYTES_MAX} bytes; set CAMPUS_OPS_RUN to a shorter folder`,
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(path, { force: true });
  if (server instanceof http.Server) await once(server.listen(path), "listening");
  else await server.listen({ path });
  chmodSync(path, 0o600);
}
