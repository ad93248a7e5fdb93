/** Rules, the process: follows the journal of a hub, raises alarms and keeps them. */
import { journalPlace } from "@campus-ops/broker/journal/place";
import { siteZone } from "@campus-ops/device-profiles/vocabulary";
import {
  createLog,
  listenOnSocket,
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
import { socketClient } from "@campus-ops/service/socket-client";
import type { FastifyInstance } from "fastify";
import { calendarPreview } from "./calendar/preview.ts";
import { loadConfiguration } from "./configuration.ts";
import { startRules } from "./hub-rules.ts";

const log = createLog("rules", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, async () => {
  const environment = readEnvironment(process.env);
  const { config, data, run, workerHost } = environment;
  if (config === undefined)
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  const configured = loadConfiguration(config, readSettings(data));
  const relational = relationalPlace(configured.relational, config);
  const sharing =
    relational === undefined
      ? undefined
      : await (await import("@campus-ops/service/workers")).shareFiles({
          place: relational,
          data,
          startAgain,
          random: Math.random,
          log,
        });
  const overlays = readSettings(data);
  const configuration = sharing === undefined ? configured : loadConfiguration(config, overlays);
  const journal = journalPlace(configuration.journal, config, data);
  const onFailure = (error: unknown): void => {
    log.fatal({ err: error }, "cannot go on; ending, to begin again from what is kept");
    process.exit(1);
  };
  const settings = new SettingsDesk({
    data,
    config,
    names: ["site", "notify", "calendar", "timetable"],
    check: (candidates) => loadConfiguration(config, candidates),
    now: Date.now,
  });
  const routes = (server: FastifyInstance): void => {
    settingRoutes(server, settings, startAgain);
    const kept = (name: string): string => settings.file(name);
    calendarPreview(server, configuration.calendar, kept, siteZone(configuration.site), Date.now);
  };
  if (relational !== undefined && sharing !== undefined) {
    const { startRulesWorker } = await import("./worker.ts");
    const common = { data, journal, configuration, configurationFile: config, log, now: Date.now, onFailure };
    const probe = probePlace(environment);
    return startRulesWorker({
      ...common,
      relational,
      overlays,
      run,
      host: workerHost,
      probe,
      sharing,
      routes,
    });
  }
  return startRules({
    data,
    journal,
    listen: (server) => listenOnSocket(server, socketPath(run, "rules")),
    ingest: socketClient(socketPath(run, "ingest")),
    configuration,
    configurationFile: config,
    overlays,
    routes,
    log,
    now: Date.now,
    onFailure,
  });
});
