/**
 * What a process of a hub is told by its environment. Read once, by each process's `main.ts` and nowhere else.
 *
 * | variable                | meaning                                                             |
 * | ----------------------- | ------------------------------------------------------------------- |
 * | CAMPUS_OPS_CONFIG       | the hub's (or the edge agent's) configuration file                   |
 * | CAMPUS_OPS_DATA         | folder of everything that must survive; `./data` unless said          |
 * | CAMPUS_OPS_RUN          | folder of the private sockets, mode 0700; `$CAMPUS_OPS_DATA/run` unless said |
 * | CAMPUS_OPS_HTTP_PORT    | the console's and API's port; 8080 unless said                        |
 * | CAMPUS_OPS_MQTT_PORT    | the broker's loopback port; 1883 unless said                          |
 * | CAMPUS_OPS_COMPILE_ONLY | load and compile everything, start nothing, end; see `runProcess`          |
 * | CAMPUS_OPS_SEED         | of an edge box: the seed file it enrols by, or the folder that it lies in   |
 * | CAMPUS_OPS_MACHINE      | of an edge box: where the files of its machine begin; `/` unless said          |
 * | CAMPUS_OPS_SERVICE      | of an installed hub: the systemd service that runs it                       |
 * | CAMPUS_OPS_WORKER_HOST  | of a worker: the name or address by which the others reach this machine     |
 * | CAMPUS_OPS_PROBE_PORT   | of a worker: the port at which it is asked how it is; none unless said      |
 * | CAMPUS_OPS_LOG_LEVEL    | trace, debug, info, warn, error; info unless said                     |
 */
import { resolve } from "node:path";

export interface Environment {
  readonly config: string | undefined;
  readonly data: string;
  readonly run: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly logLevel: string;
  readonly seed: string | undefined;
  readonly machine: string;
  readonly service: string | undefined;
  readonly workerHost: string | undefined;
  readonly probePort: number | undefined;
}

/** A variable that makes no sense. The message says which, what was found and what would be right. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  // An empty variable is how shells and units write one that is not set.
  const data = resolve(variables.CAMPUS_OPS_DATA || "data");
  return {
    config: variables.CAMPUS_OPS_CONFIG || undefined,
    data,
    run: resolve(variables.CAMPUS_OPS_RUN || `${data}/run`),
    httpPort: port(variables, "CAMPUS_OPS_HTTP_PORT", 8080),
    mqttPort: port(variables, "CAMPUS_OPS_MQTT_PORT", 1883),
    machine: resolve(variables.CAMPUS_OPS_MACHINE || "/"),
    seed: variables.CAMPUS_OPS_SEED ? resolve(variables.CAMPUS_OPS_SEED) : undefined,
    service: variables.CAMPUS_OPS_SERVICE || undefined,
    workerHost: variables.CAMPUS_OPS_WORKER_HOST || undefined,
    probePort: variables.CAMPUS_OPS_PROBE_PORT ? port(variables, "CAMPUS_OPS_PROBE_PORT", 0) : undefined,
    logLevel: oneOf(
      variables,
      "CAMPUS_OPS_LOG_LEVEL",
      ["trace", "debug", "info", "warn", "error", "fatal"],
      "info",
    ),
  };
}

/** Where a worker is asked how it is; undefined where nobody asks. */
export function probePlace({
  probePort,
  workerHost,
}: Pick<Environment, "probePort" | "workerHost">):
  | { readonly host: string; readonly port: number }
  | undefined {
  return probePort === undefined ? undefined : { host: workerHost ?? "127.0.0.1", port: probePort };
}

function port(variables: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = variables[name];
  if (text === undefined || text === "") return otherwise;
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number < 1 || number > 65_535) {
    throw new EnvironmentError(`${name} is ${JSON.stringify(text)}; it must be a port, 1 to 65535`);
  }
  return number;
}

function oneOf(
  variables: NodeJS.ProcessEnv,
  name: string,
  allowed: readonly string[],
  otherwise: string,
): string {
  const text = variables[name];
  if (text === undefined || text === "") return otherwise;
  if (!allowed.includes(text)) {
    throw new EnvironmentError(`${name} is ${JSON.stringify(text)}; it must be one of ${allowed.join(", ")}`);
  }
  return text;
}
