/** The processes of one hub, in the order they start in. */
import { basename, extname, join } from "node:path";
import { LAUNCH_ENVIRONMENT } from "@campus-ops/edge-agent/launch";
import { permissions } from "@campus-ops/node-red/permissions";
import type { Environment } from "@campus-ops/service";
import { compiledCode } from "./precompile.ts";
import type { ProcessSpec } from "./supervisor/child.ts";

export interface HubProcesses {
  readonly root: string;
  readonly environment: Environment;
  /** The hub's configuration file. */
  readonly config: string;
  /** False when another broker serves this hub. */
  readonly broker: boolean;
  /** The configurations of the edge agents that run beside it. */
  readonly edges: readonly string[];
  /** By such a file, the seed by which that agent enrols itself. */
  readonly seeds?: ReadonlyMap<string, string>;
  /** Backups made by themselves. */
  readonly backup: boolean;
  readonly enrolment: boolean;
  /** The demonstration's devices. */
  readonly simulators: boolean;
  /** Flows of the campus's own; absent where there are none. */
  readonly flows?: { readonly tokenFile?: string };
}

/** Of each process in its folder; in a package they are JavaScript. */
const MAIN = `main${extname(import.meta.filename)}`;

export const RULES = "rules";
export const SIMULATORS = "simulators";

/**
 * MB of each half of the young generation, instead of 16: what a message leaves behind dies at once, and 130 MB less of
 * broker and ingest together are resident at full load (`npm run bench -- ingest`), at hardly any processor time.
 */
export const PART_ARGUMENTS: readonly string[] = ["--max-semi-space-size=8"];

const seedOf = ({ seeds }: HubProcesses, config: string): NodeJS.ProcessEnv => {
  const seed = seeds?.get(config);
  return seed === undefined ? {} : { CAMPUS_OPS_SEED: seed };
};

export function hubProcesses(hub: HubProcesses, told: NodeJS.ProcessEnv): (readonly ProcessSpec[])[] {
  const { environment, root } = hub;
  // Whether the hub is ready and alive is the supervisor's to say.
  const { NOTIFY_SOCKET, WATCHDOG_PID, WATCHDOG_USEC, ...inherited } = told;
  const variables = (config: string): NodeJS.ProcessEnv => ({
    // Compiled code is kept between starts: half the time to start, and 20 MB a process less.
    NODE_COMPILE_CACHE: compiledCode(root),
    ...inherited,
    CAMPUS_OPS_CONFIG: config,
    CAMPUS_OPS_DATA: environment.data,
    CAMPUS_OPS_RUN: environment.run,
    CAMPUS_OPS_HTTP_PORT: String(environment.httpPort),
    CAMPUS_OPS_MQTT_PORT: String(environment.mqttPort),
    CAMPUS_OPS_LOG_LEVEL: environment.logLevel,
  });
  const part = (name: string): ProcessSpec => ({
    name,
    main: join(root, name, MAIN),
    environment: variables(hub.config),
    essential: true,
    arguments: PART_ARGUMENTS,
  });
  const edge = (config: string): ProcessSpec => ({
    name: `edge ${basename(config, ".yaml")}`,
    main: join(root, "edge-agent", MAIN),
    environment: { ...LAUNCH_ENVIRONMENT, ...variables(config), ...seedOf(hub, config) },
    essential: false,
  });
  const simulators: ProcessSpec = {
    name: SIMULATORS,
    main: join(root, "deploy", "simulators", MAIN),
    environment: variables(hub.config),
    essential: true,
  };
  const backup: ProcessSpec = {
    name: "backup",
    main: join(root, "deploy", "backup", MAIN),
    environment: variables(hub.config),
    essential: false,
  };
  const enrolment: ProcessSpec = {
    name: "enrolment",
    main: join(root, "deploy", "pki", MAIN),
    environment: variables(hub.config),
    essential: false,
  };
  const flows = hub.flows === undefined ? [] : [flowsProcess(hub, hub.flows, inherited)];
  // The devices are there before anybody asks for them, as they would be in a school.
  const first = [...(hub.broker ? [part("broker")] : []), ...(hub.simulators ? [simulators] : [])];
  const last = [
    ...hub.edges.map(edge),
    ...(hub.backup ? [backup] : []),
    ...(hub.enrolment ? [enrolment] : []),
  ];
  return [first, [part("ingest")], [part(RULES)], [part("dashboards")], last, flows];
}

/** Shut in: it sees of the hub its own folder, its configuration, and the public API. */
function flowsProcess(
  { root, environment, config }: HubProcesses,
  { tokenFile }: { readonly tokenFile?: string },
  inherited: NodeJS.ProcessEnv,
): ProcessSpec {
  const { data, run, httpPort, logLevel } = environment;
  const token = tokenFile === undefined ? {} : { tokenFile };
  return {
    name: "node-red",
    main: join(root, "rules", "node-red", MAIN),
    arguments: permissions({ root, data, run, config, ...token }),
    environment: {
      PATH: inherited.PATH,
      CAMPUS_OPS_CONFIG: config,
      CAMPUS_OPS_DATA: data,
      CAMPUS_OPS_RUN: run,
      CAMPUS_OPS_LOG_LEVEL: logLevel,
      CAMPUS_OPS_API: `http://127.0.0.1:${httpPort}`,
      ...(tokenFile === undefined ? {} : { CAMPUS_OPS_API_TOKEN_FILE: tokenFile }),
    },
    essential: false,
  };
}
