/**
 * Node-RED, the process: flows of the campus's own. By itself, with no way to other programs and to no files but its
 * own folder: `--permission` of Node, set by who starts it, and checked here. The rest of the platform does not depend
 * on it; it speaks to the platform through the public API alone.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import {
  createLog,
  listenOnSocket,
  loadDocument,
  OperatorError,
  type Running,
  readEnvironment,
  runProcess,
  socketPath,
} from "@campus-ops/service";
import RED from "node-red";
import { FLOWS_SCHEMA, type FlowsConfiguration } from "./configuration.ts";
import { flowsFolder } from "./permissions.ts";
import { nodeRedSettings } from "./settings.ts";
import { keepVersion } from "./versions.ts";

const log = createLog("node-red", process.env.CAMPUS_OPS_LOG_LEVEL || "info");

await runProcess(log, start);

async function start(): Promise<Running> {
  const { config, data, run } = readEnvironment(process.env);
  if (config === undefined)
    throw new OperatorError("CAMPUS_OPS_CONFIG must name the hub's configuration file");
  if (process.permission?.has("child") !== false) {
    throw new OperatorError(
      "flows may only run shut in; start this process with node --permission, as campus-ops up does",
    );
  }
  const { value } = loadDocument<FlowsConfiguration>(config, FLOWS_SCHEMA);
  const folder = flowsFolder(data);

  const server = createServer((request, response) => RED.httpAdmin(request, response));
  RED.init(
    server,
    nodeRedSettings({
      folder,
      credentialSecret: secretIn(join(folder, "credential-secret")),
      functions: value.flows.functions,
    }),
  );
  RED.events.on("flows:started", ({ config: flows }: { config?: { flows?: unknown } }) => {
    if (flows?.flows !== undefined) keepVersion(join(folder, "versions"), flows.flows, Date.now());
  });
  await RED.start();
  await listenOnSocket(server, socketPath(run, "node-red"));
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await RED.stop();
    },
  };
}

function secretIn(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}
