/** `campus-ops up`: one hub on this machine, supervised. */
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { flowsFolder } from "@campus-ops/node-red/permissions";
import { type Environment, OperatorError, socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";
import { type DemonstrationOptions, prepareDemonstration } from "../simulators/prepare.ts";
import { ensureSecret } from "./broker-secrets.ts";
import { ensureConsole } from "./console-build.ts";
import { type DataLock, lockData } from "./data-lock.ts";
import { readHubConfiguration } from "./hub-configuration.ts";
import type { MergedLog } from "./merged-log.ts";
import { prepareParent } from "./parent.ts";
import { requireFreePort } from "./ports.ts";
import { compiledCode, precompile } from "./precompile.ts";
import { hubProcesses, RULES, SIMULATORS } from "./processes.ts";
import { makeRunFolder } from "./run-folder.ts";
import { beginClearing, clearingOf, deleteAside, moveAside, ownConfiguration } from "./set-up/clearing.ts";
import { Supervisor } from "./supervisor/supervisor.ts";

export interface UpOptions {
  readonly root: string;
  readonly environment: Environment;
  /** The hub's configuration; absent in the demonstration, which writes its own. */
  readonly config: string | undefined;
  readonly demonstration: DemonstrationOptions | undefined;
  /** Prints on standard output. */
  readonly print: (line: string) => void;
}

export interface Hub {
  /** Resolves when alarms can flow. Rejects when a person must mend something first. */
  readonly ready: Promise<void>;
  /** Resolves when something else is to run in its place: the page of the first start, or the hub that was made there. */
  readonly another: Promise<void>;
  stop(): Promise<void>;
}

/** Takes the lock, checks what can be checked, and begins to start. Throws what the operator must know. */
export async function up(options: UpOptions, merged: MergedLog): Promise<Hub> {
  const { environment, root } = options;
  const lock = lockData(environment.data);
  try {
    moveAside(environment.data);
    const own = ownConfiguration(environment.data);
    const told = options.demonstration === undefined ? options.config : undefined;
    if (told === undefined && existsSync(own)) {
      if (options.demonstration !== undefined)
        merged.log.warn(
          { config: own },
          "the demonstration was cleared from this data folder; its own hub is started",
        );
      return await start({ ...options, config: own, demonstration: undefined }, merged, lock);
    }
    if (told === undefined && clearingOf(environment.data) !== undefined)
      return await firstStart(options, merged, lock);
    return await start(options, merged, lock);
  } catch (error) {
    lock.release();
    throw error;
  } finally {
    merged.log.debug({ root, data: environment.data }, "started from");
  }
}

const HTTP = { purpose: "the console and the API", variable: "CAMPUS_OPS_HTTP_PORT" };

/** What runs between a demonstration that was cleared and the hub that is made in its place. */
async function firstStart(
  { environment, print }: UpOptions,
  { log }: MergedLog,
  lock: DataLock,
): Promise<Hub> {
  await requireFreePort({ port: environment.httpPort, ...HTTP });
  const { beginSetUp } = await import("./set-up/set-up.ts");
  const { close, made } = await beginSetUp(environment, log);
  log.info("there is no hub here yet: open the page to make one");
  print(`set up: http://127.0.0.1:${environment.httpPort}`);
  return {
    ready: Promise.resolve(),
    another: made,
    stop: async () => {
      await close();
      lock.release();
    },
  };
}

async function start(options: UpOptions, merged: MergedLog, lock: DataLock): Promise<Hub> {
  const { environment, root } = options;
  const { log } = merged;
  const mqtt = { purpose: "the MQTT broker", variable: "CAMPUS_OPS_MQTT_PORT" };
  await requireFreePort({ port: environment.httpPort, ...HTTP });
  makeRunFolder(environment.run);
  const { demonstration } = options;
  const config =
    demonstration === undefined
      ? required(options.config)
      : await prepareDemonstration(environment, demonstration);
  const { edges, enrolment, https, broker, brokerSecrets, flows } = readHubConfiguration(config);
  for (const file of brokerSecrets)
    if (ensureSecret(file)) log.info({ file }, "made a password for the broker");
  if (flows !== undefined) mkdirSync(flowsFolder(environment.data), { recursive: true, mode: 0o700 });
  const parent = prepareParent(config, environment);
  if (broker === "here") await requireFreePort({ port: environment.mqttPort, ...mqtt });

  const simulators = demonstration !== undefined;
  const processes = hubProcesses(
    {
      root,
      environment,
      config,
      broker: broker !== "external",
      edges: parent === undefined ? edges : [...edges, parent.file],
      ...(parent?.seed === undefined ? {} : { seeds: new Map([[parent.file, parent.seed]]) }),
      // Where no place is set yet, it waits for one that is set in the console.
      backup: !simulators,
      enrolment,
      simulators,
      ...(flows === undefined ? {} : { flows }),
    },
    process.env,
  );
  const code = process.env.NODE_COMPILE_CACHE || compiledCode(root);
  const mains = processes.flat().map(({ main }) => main);
  await Promise.all([ensureConsole(root, log), precompile(code, mains, log)]);

  // Of those that have the site, rules begins again last when it was changed in the console.
  const renewParent = (): void => {
    try {
      prepareParent(config, environment);
    } catch (error) {
      log.error(
        { err: error },
        "the hub above is not told of a change of the site; what it knew stays, until this hub is started again",
      );
    }
  };
  const cleared = Promise.withResolvers<void>();
  const supervisor = new Supervisor(
    processes,
    {
      line: merged.line,
      ready: (name) => {
        log.info({ name }, `${name} is ready`);
        if (name === RULES) renewParent();
        // The simulators were started again: the school day goes on.
        if (name === SIMULATORS && alarmsFlow) void startSchoolDay(environment).catch(complain);
      },
      ...(simulators
        ? {
            clear: () => {
              beginClearing(environment.data);
              log.warn("the demonstration is cleared away; the audit trail is kept");
              cleared.resolve();
            },
          }
        : {}),
    },
    log,
  );
  const complain = (error: unknown): void => log.error({ err: error }, "the school day could not be started");
  let alarmsFlow = false;

  const ready = supervisor.start().then(async (complete) => {
    if (!complete) return;
    if (simulators) await startSchoolDay(environment).catch(complain);
    alarmsFlow = true;
    log.info({ pids: supervisor.pids() }, "alarms can flow");
    // Where the machine failed before all of it was deleted.
    if (clearingOf(environment.data) === "cleared")
      deleteAside(environment.data).catch((error: unknown) =>
        log.error({ err: error }, "what is left of the demonstration could not be deleted"),
      );
    options.print(`ready: ${https ? "https" : "http"}://127.0.0.1:${environment.httpPort}`);
  });
  return {
    ready,
    another: cleared.promise,
    stop: async () => {
      await supervisor.stop();
      lock.release();
    },
  };
}

function required(config: string | undefined): string {
  const file = resolve(config ?? "hub.yaml");
  if (existsSync(file)) return file;
  throw new OperatorError(
    `there is no configuration ${file}. Name one: campus-ops up --config hub.yaml; or see the demonstration: campus-ops up --demo`,
    { zh: `没有配置文件 ${file}。请指定：campus-ops up --config hub.yaml；或先看演示：campus-ops up --demo` },
  );
}

async function startSchoolDay({ run }: Environment): Promise<void> {
  const client = socketClient(socketPath(run, SIMULATORS));
  try {
    const body = JSON.stringify({ running: true });
    const headers = { "content-type": "application/json" };
    const response = await client.fetch("/scenario", { method: "POST", headers, body });
    if (!response.ok) throw new Error(`the simulators answered ${response.status}: ${await response.text()}`);
  } finally {
    await client.close();
  }
}
