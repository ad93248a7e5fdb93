/** Ingest, the process: the Sparkplug primary host of a hub. */
import { journalPlace } from "@campus-ops/broker/journal/place";
import {
  createLog,
  OperatorError,
  probePlace,
  readEnvironment,
  readSettings,
  runProcess,
  SettingsDesk,
  settingRoutes,
  socketPath,
  startAgain,
} from "@campus-ops/service";
import { relationalPlace } from "@campus-ops/service/relational";
import { loadConfiguration, readSecret } from "./configuration.ts";
import { retentionPreview } from "./http/retention-preview.ts";
import { type IngestOptions, startIngest } from "./hub-ingest.ts";
import { storePlace } from "./store/place.ts";

const log = createLog("ingest", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, async () => {
  const environment = readEnvironment(process.env);
  const file = environment.config;
  if (file === undefined) throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  const configured = loadConfiguration(file, readSettings(environment.data));
  const place = relationalPlace(configured.relational, file);
  const sharing =
    place === undefined
      ? undefined
      : await (await import("@campus-ops/service/workers")).shareFiles({
          place,
          data: environment.data,
          startAgain,
          random: Math.random,
          log,
        });
  const { site, journal, ingest } =
    sharing === undefined ? configured : loadConfiguration(file, readSettings(environment.data));
  const settings = new SettingsDesk({
    data: environment.data,
    config: file,
    // Rules writes the site; here it is looked at before.
    names: ["retention", "site"],
    check: (candidates) => loadConfiguration(file, candidates),
    now: Date.now,
  });
  const { url, username, passwordFile } = ingest.broker;
  const onFailure = (error: unknown): void => {
    log.fatal({ err: error }, "cannot go on; ending, to begin again from what is kept");
    process.exit(1);
  };
  const common = {
    data: environment.data,
    site,
    broker: {
      url: url ?? `mqtt://127.0.0.1:${environment.mqttPort}`,
      ...(username === undefined ? {} : { username }),
      ...(passwordFile === undefined ? {} : { password: readSecret(file, passwordFile) }),
    },
    hostId: ingest.hostId,
    journal: journalPlace(journal, file, environment.data),
    store: storePlace(ingest.store, environment.data, (path) => readSecret(file, path)),
    retention: ingest.retention,
    disk: ingest.disk,
    log,
    now: Date.now,
    onFailure,
  };
  const routes: IngestOptions["routes"] = (server, retention) => {
    settingRoutes(server, settings, startAgain);
    retentionPreview(server, retention);
  };
  if (place !== undefined && sharing !== undefined) {
    const { startIngestWorker } = await import("./worker.ts");
    return startIngestWorker({
      ...common,
      relational: place,
      run: environment.run,
      host: environment.workerHost,
      probe: probePlace(environment),
      sharing,
      routes,
    });
  }
  return startIngest({
    ...common,
    socket: socketPath(environment.run, "ingest"),
    routes,
  });
});
