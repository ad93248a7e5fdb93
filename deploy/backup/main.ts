/** Backups, the process: it makes one each night and on demand. The composition root. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BackupPlaces, BackupState } from "@campus-ops/dashboards/backups";
import {
  createLog,
  createMetrics,
  Gauge,
  OperatorError,
  readEnvironment,
  runProcess,
  serveOperations,
  socketPath,
} from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { backUp, backupsAt } from "./backup.ts";
import { readBackupPlan } from "./configuration.ts";
import { BackupKeeper } from "./keeper.ts";
import type { Place } from "./places.ts";

const MINUTE_MS = 60_000;
/** A person waits for the answer of a place that may be far away. */
const LIST_MS_MAX = 8_000;

const log = createLog("backup", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, async () => {
  const { config, data, run } = readEnvironment(process.env);
  if (config === undefined)
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  const plan = readBackupPlan(config);
  if (plan === undefined) throw new OperatorError(`${config} has no section backup`);
  const ingest = socketClient(socketPath(run, "ingest"));
  const packageFile = resolve(import.meta.dirname, "../../package.json");
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  const keeper = new BackupKeeper({
    file: join(data, "backup.json"),
    minute: plan.minute,
    offset_ms: (at) => -new Date(at).getTimezoneOffset() * MINUTE_MS,
    now: Date.now,
    ingest,
    log,
    backUp: (signal) =>
      backUp({
        ...plan,
        data,
        config,
        version,
        now: Date.now,
        ingest,
        onStep: (step, place) => log.debug({ step, place }, "making a backup"),
        signal,
      }),
  });
  const registry = createMetrics("backup");
  new Gauge({
    name: "campus_ops_backup_proven_timestamp_seconds",
    help: "When the last backup that was proven to restore was begun; 0 for none",
    registers: [registry],
    collect() {
      this.set((keeper.last.provenAt ?? 0) / 1_000);
    },
  });
  const operations = await serveOperations(socketPath(run, "backup"), {
    health: (): BackupState => {
      const { failedAt, provenAt, reason } = keeper.last;
      return {
        ...(provenAt === undefined ? {} : { provenAt }),
        ...(failedAt === undefined ? {} : { failedAt }),
        ...(reason === undefined ? {} : { reason }),
        running: keeper.running,
        at: plan.at,
        keep: plan.keep,
        recipients: plan.recipients,
      };
    },
    registry,
    actions: {
      "/run": () => keeper.run(),
      // What comes of it is in the log, in health, and with the hub.
      "/begin": async () => {
        keeper.run().catch(() => undefined);
        return {};
      },
      "/list": async (): Promise<BackupPlaces> => ({ places: await Promise.all(plan.places.map(listed)) }),
    },
  });
  return {
    stop: async () => {
      await operations.close();
      await keeper.stop();
      await ingest.close();
    },
  };
});

async function listed(place: Place): Promise<BackupPlaces["places"][number]> {
  try {
    return { name: place.name, backups: await backupsAt(place, AbortSignal.timeout(LIST_MS_MAX)) };
  } catch (error) {
    return { name: place.name, backups: [], problem: error instanceof Error ? error.message : String(error) };
  }
}
