/** Rules, the process: follows the journal of a hub, raises alarms and keeps them. */
import { journalPlace } from "@campus-ops/broker/journal/place";
import {
  createLog,
  OperatorError,
  readEnvironment,
  readSettings,
  runProcess,
  SettingsDesk,
  settingRoutes,
  socketPath,
  startAgain,
} from "@campus-ops/service";
import { calendarPreview } from "./calendar/preview.ts";
import { loadConfiguration } from "./configuration.ts";
import { startRules } from "./hub-rules.ts";

const log = createLog("rules", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, async () => {
  const { config, data, run } = readEnvironment(process.env);
  if (config === undefined)
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  const overlays = readSettings(data);
  const configuration = loadConfiguration(config, overlays);
  const settings = new SettingsDesk({
    data,
    config,
    names: ["notify", "calendar", "timetable"],
    check: (candidates) => loadConfiguration(config, candidates),
    now: Date.now,
  });
  return startRules({
    data,
    journal: journalPlace(configuration.journal, config, data),
    socket: socketPath(run, "rules"),
    ingest: socketPath(run, "ingest"),
    configuration,
    configurationFile: config,
    overlays,
    routes: (server) => {
      settingRoutes(server, settings, startAgain);
      calendarPreview(server, configuration.calendar, (name) => settings.file(name), Date.now);
    },
    log,
    now: Date.now,
    onFailure: (error) => {
      log.fatal({ err: error }, "cannot follow the journal; ending, to begin again from what is on disk");
      process.exit(1);
    },
  });
});
