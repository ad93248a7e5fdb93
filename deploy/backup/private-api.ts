/**
 * What the backups' process answers on its own socket:
 *
 *   GET  /healthz     → BackupState · GET /metrics
 *   POST /begin       → {}: one is begun; what comes of it is in the log, in health, and with the hub
 *   POST /run         → BackupResult, when it is made and proven
 *   POST /list        → BackupPlaces
 *   /settings/backup  as `settingRoutes` of @campus-ops/service says
 */
import type { BackupPlaces, BackupState } from "@campus-ops/dashboards/backups";
import {
  answerWithProblems,
  listenOnSocket,
  Problem,
  type Registry,
  type SettingsDesk,
  settingRoutes,
} from "@campus-ops/service";
import fastify from "fastify";
import type { BackupResult } from "./backup.ts";

export interface BackupsSource {
  readonly state: () => BackupState;
  readonly registry: Registry;
  readonly settings: SettingsDesk;
  /** Called when a setting was written: the process begins again with it. */
  readonly restart: () => void;
  /** Absent where no place is set. */
  readonly making:
    | { readonly run: () => Promise<BackupResult>; readonly places: () => Promise<BackupPlaces> }
    | undefined;
}

export async function serveBackups(
  socket: string,
  { making, registry, restart, settings, state }: BackupsSource,
): Promise<{ close(): Promise<void> }> {
  const server = fastify({ forceCloseConnections: true });
  answerWithProblems(server, "backup");
  const there = () => {
    if (making !== undefined) return making;
    throw new Problem(
      409,
      "No place",
      "no place for backups is set; where one was written into hub.yaml, start the hub again",
      "还没有设置备份位置；如果刚写进 hub.yaml，请重新启动平台",
    );
  };
  server.get("/healthz", () => state());
  server.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  server.post("/begin", async () => {
    there()
      .run()
      .catch(() => undefined);
    return {};
  });
  server.post("/run", async () => {
    try {
      return await there().run();
    } catch (error) {
      if (error instanceof Problem) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new Problem(500, "No backup", why, `备份没有做成，原有备份没有改动：${why}`);
    }
  });
  server.post("/list", () => making?.places() ?? { places: [] });
  settingRoutes(server, settings, restart);
  await listenOnSocket(server, socket);
  return server;
}
