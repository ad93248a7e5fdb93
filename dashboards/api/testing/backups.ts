/** A stand-in for the backups' process. */
import type { FastifyInstance } from "fastify";
import type { BackupPlaces, BackupState } from "../../backups/api.ts";

const STATE: BackupState = {
  configured: true,
  provenAt: 5,
  running: false,
  at: "02:30",
  keep: { last: 14, months: 12 },
  recipients: ["age1recipient"],
};
const PLACES: BackupPlaces = {
  places: [
    { name: "/mnt/nas", backups: ["campus-ops-20261122T023000Z.tar.zst.age"] },
    { name: "sftp://nas/backups", backups: [], problem: "no route" },
  ],
};

export function answerBackups(
  server: FastifyInstance,
  received: { readonly path: string; readonly body: unknown }[],
): void {
  server.get("/healthz", () => STATE);
  server.post("/list", () => PLACES);
  server.post("/begin", (request) => {
    received.push({ path: request.url, body: undefined });
    return {};
  });
}
