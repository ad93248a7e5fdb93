/** Rules, the process: follows the journal of a hub, raises alarms and keeps them. */
import { journalPlace } from "@campus-ops/broker/journal/place";
import { createLog, OperatorError, readEnvironment, runProcess, socketPath } from "@campus-ops/service";
import { loadConfiguration } from "./configuration.ts";
import { startRules } from "./hub-rules.ts";

const log = createLog("rules", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, async () => {
  const { config, data, run } = readEnvironment(process.env);
  if (config === undefined)
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  const configuration = loadConfiguration(config);
  return startRules({
    data,
    journal: journalPlace(configuration.journal, config, data),
    socket: socketPath(run, "rules"),
    ingest: socketPath(run, "ingest"),
    configuration,
    configurationFile: config,
    log,
    now: Date.now,
    onFailure: (error) => {
      log.fatal({ err: error }, "cannot follow the journal; ending, to begin again from what is on disk");
      process.exit(1);
    },
  });
});
