/**
 * Backups, the process: it makes one each night and on demand, and waits for a place while none is set. The composition root.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BackupPlaces, BackupState } from "@campus-ops/dashboards/backups";
import {
  createLog,
  createMetrics,
  type Environment,
  Gauge,
  OperatorError,
  type Registry,
  type Running,
  readEnvironment,
  readSettings,
  runProcess,
  SettingsDesk,
  socketPath,
  startAgain,
} from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { type BackupPlan, readBackupPlan } from "./configuration.ts";
import type { BackupKeeper } from "./keeper.ts";
import type { Place } from "./places.ts";
import { serveBackups } from "./private-api.ts";

const MINUTE_MS = 60_000;
/** A person waits for the answer of a place that may be far away. */
const LIST_MS_MAX = 8_000;

const log = createLog("backup", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, async () => {
  const environment = readEnvironment(process.env);
  const { config, data, run } = environment;
  if (config === undefined)
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  const settings = new SettingsDesk({
    data,
    config,
    names: ["backup"],
    check: (candidates) => readBackupPlan(config, candidates),
    now: Date.now,
  });
  const plan = readBackupPlan(config, readSettings(data));
  const registry = createMetrics("backup");
  if (plan === undefined) {
    log.info("no place for backups is set; waiting for one");
    const state = (): BackupState => ({ configured: false, running: false });
    return stopping(
      await serveBackups(socketPath(run, "backup"), {
        state,
        registry,
        settings,
        restart: startAgain,
        making: undefined,
      }),
    );
  }
  return start(environment, config, plan, registry, settings);
});

async function start(
  { data, run }: Environment,
  config: string,
  plan: BackupPlan,
  registry: Registry,
  settings: SettingsDesk,
): Promise<Running> {
  // What makes a backup is loaded where there is a place for it.
  const [{ backUp, backupsAt }, { BackupKeeper }] = await Promise.all([
    import("./backup.ts"),
    import("./keeper.ts"),
  ]);
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
  new Gauge({
    name: "campus_ops_backup_proven_timestamp_seconds",
    help: "When the last backup that was proven to restore was begun; 0 for none",
    registers: [registry],
    collect() {
      this.set((keeper.last.provenAt ?? 0) / 1_000);
    },
  });
  const server = await serveBackups(socketPath(run, "backup"), {
    state: () => {
      const { failedAt, provenAt, reason } = keeper.last;
      return {
        configured: true,
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
    settings,
    restart: startAgain,
    making: {
      run: () => keeper.run(),
      places: async () => ({
        places: await Promise.all(plan.places.map((place) => listed(place, backupsAt))),
      }),
    },
  });
  return stopping(server, keeper, ingest);
}

/** In this order: whoever asks first, then what is being made. */
function stopping(
  server: { close(): Promise<void> },
  keeper?: BackupKeeper,
  ingest?: { close(): Promise<void> },
): Running {
  return {
    stop: async () => {
      await server.close();
      await keeper?.stop();
      await ingest?.close();
    },
  };
}

async function listed(
  place: Place,
  backupsAt: (place: Place, signal: AbortSignal) => Promise<readonly string[]>,
): Promise<BackupPlaces["places"][number]> {
  try {
    return { name: place.name, backups: await backupsAt(place, AbortSignal.timeout(LIST_MS_MAX)) };
  } catch (error) {
    return { name: place.name, backups: [], problem: error instanceof Error ? error.message : String(error) };
  }
}
