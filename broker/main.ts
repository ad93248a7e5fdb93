/** The broker process: reads its section of the hub's configuration and serves MQTT. */
import { createLog, createMetrics, OperatorError, readEnvironment, runProcess } from "@campus-ops/service";
import { startBroker } from "./server/broker.ts";
import { loadBrokerConfiguration } from "./server/configuration.ts";
import { brokerCounters } from "./server/counters.ts";
import { serveBrokerOperations } from "./server/operations.ts";
import { warmUp } from "./server/warm-up.ts";

const log = createLog("broker", "info");

await runProcess(log, async () => {
  const environment = readEnvironment(process.env);
  log.level = environment.logLevel;
  if (environment.config === undefined) {
    throw new OperatorError("CAMPUS_OPS_CONFIG is not set; it names the hub's configuration file");
  }
  const configuration = loadBrokerConfiguration(environment.config);
  const listen =
    configuration.listen.length > 0
      ? configuration.listen
      : [{ host: "127.0.0.1", port: environment.mqttPort }];
  const startedAt = performance.now();
  const messages = await warmUp();
  log.debug({ messages, ms: Math.round(performance.now() - startedAt) }, "warmed up");
  const registry = createMetrics("broker");
  const broker = await startBroker({
    listen,
    users: configuration.users,
    denyFile: configuration.denyFile,
    log,
    counters: brokerCounters(registry),
  });
  const operations = await serveBrokerOperations(environment.run, broker, registry);
  return {
    stop: async () => {
      await broker.close();
      await operations.close();
    },
  };
});
