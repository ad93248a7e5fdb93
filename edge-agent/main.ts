/** The edge agent's composition root. */
import "./heap-growth.ts";

import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AgingClock, type DeviceId } from "@campus-ops/device-profiles/vocabulary";
import {
  createLog,
  OperatorError,
  type Running,
  readEnvironment,
  runProcess,
  serveOperations,
  socketPath,
} from "@campus-ops/service/process";
import { Agent, SAVED_TIME } from "./agent.ts";
import { installedAt, machineClock } from "./clock.ts";
import { type Configuration, type DiscoveryConfiguration, loadConfiguration } from "./configuration.ts";
import { watchFiles } from "./configuration-watch.ts";
import { BoxClock, type ClockChange } from "./core/box-clock.ts";
import type { Clock, Instant } from "./core/clock.ts";
import { OffsetLedger } from "./core/offset-ledger.ts";
import type { RemoteDiscovery } from "./discovery/remote.ts";
import type { ClockMeasurement } from "./drivers/driver.ts";
import { callsTurnedAway, loadDrivers, openSession } from "./drivers/registry.ts";
import { enrolFromSeed, isSeedWaiting } from "./enrolment/from-seed.ts";
import { identityFiles } from "./enrolment/identity-files.ts";
import { CertificateRenewal, RENEWAL_LOOK_MS } from "./enrolment/renewal.ts";
import { Connection } from "./mqtt/connection.ts";
import { Outbox } from "./outbox/outbox.ts";
import { loadProfiles, SHIPPED } from "./profile-folder.ts";
import { lossRecord } from "./reports.ts";
import type { BoxUpdate } from "./update/box-update.ts";
import { imageOf, updatePlaces } from "./update/update-service.ts";

const PSEUDONYM_KEY_BYTES = 32;
const PROGRAM_BYTES = 8;
const HOUR_MS = 3_600_000;
/** Of the outbox's budget, for what the hub has confirmed already. */
const KEPT_SHARE = 1 / 4;
/** Where the outbox keeps the time by which it judges age. */
const AGED = "aged";

async function start(): Promise<Running> {
  if (environment.config === undefined) {
    throw new OperatorError("CAMPUS_OPS_CONFIG is not set; it names the edge agent's YAML file");
  }
  const file = environment.config;
  if (environment.seed !== undefined) await enrolWhereAsked(file, environment.seed);
  const configuration = loadConfiguration(file);
  const { discovery } = configuration;
  const name = `${configuration.campus}-${configuration.node}`;
  const folder = join(environment.data, "edge", name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = pseudonymKey(join(folder, "pseudonym.key"));
  const pseudonym = (text: string): string =>
    createHmac("sha256", key).update(text).digest("hex").slice(0, 16);

  const clock = new BoxClock(machineClock(), installedAt(), (change) => {
    tellOfClock(change);
    if (change.kind === "trusted") outbox.keepEra(change.era);
  });
  const now = (): number => clock.instant().wall;
  const outbox = new Outbox({
    file: join(folder, configuration.outbox.file),
    bytesMax: configuration.outbox.maxBytes,
    daysMax: configuration.outbox.maxDays,
    keep: {
      // Without acknowledgements nothing is ever confirmed.
      keep_ms: configuration.handoff === "plain" ? 0 : configuration.outbox.keepHours * HOUR_MS,
      bytesMax: Math.floor(configuration.outbox.maxBytes * KEPT_SHARE),
    },
    now,
    ageNow: () => aged(clock.instant()),
    lossRecord,
    onTrouble: (message, error) => log.error({ err: error }, message),
  });
  const offsets = new OffsetLedger(outbox.offsets);
  clock.notBefore(outbox.remembered(SAVED_TIME) ?? 0);
  const program = randomBytes(PROGRAM_BYTES).toString("hex");
  const renewal = renewalOf(configuration, file, clock, program);
  // A certificate is never handed out before its time.
  if (renewal !== undefined) clock.notBefore(renewal.begins);
  const aging = new AgingClock(outbox.remembered(AGED));
  const aged = ({ uptime_ms, wall }: Instant): number => {
    const time = Math.round(aging.at(wall, uptime_ms));
    outbox.remember(AGED, time);
    return time;
  };
  const agent = new Agent({
    configuration,
    outbox,
    dataFolder: folder,
    version: version(),
    openDevice: ({ id, profile, target }, cursor, signal, onCall) => {
      const driverEnvironment = {
        now,
        pseudonym,
        onCall,
        clockOffset: (measured: ClockMeasurement) => offsets.measured(id, measured),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return openSession(target, profile, driverEnvironment, signal);
    },
    clock,
    random: Math.random,
    log,
    program,
    certificateEnds: () => renewal?.ends,
    callsTurnedAway,
    writeNode: async (metric, value, id) => {
      if (metric === "Update/Install" && update !== undefined) return await update.write(value);
      if (discovery !== undefined) return await (await searches(discovery)).write(metric, value, id);
      return { state: "refused", detail: "the edge node itself takes no such writes" };
    },
  });
  const update = await updateOf(configuration, { agent, dataFolder: folder, clock });
  const reload = (): Promise<void> => agent.reload(() => loadConfiguration(file));
  let remote: Promise<RemoteDiscovery> | undefined;
  const searches = (allowed: DiscoveryConfiguration): Promise<RemoteDiscovery> => {
    const { profilesFolder } = configuration;
    remote ??= remoteDiscovery({ agent, configuration: allowed, profilesFolder, file, now, reload });
    return remote;
  };

  const operations = await serveOperations(socketPath(environment.run, `edge-${name}`), {
    // Most boxes are never asked for them.
    registry: async () => (await import("./agent-metrics.ts")).agentMetrics(agent, `edge-${name}`),
    health: () => ({
      status: agent.node.born ? "ok" : "waiting for the broker or its host",
      outbox: agent.outbox.stats(),
      sender: agent.sender.stats(),
      commissioning: agent.commissioning(),
    }),
    actions: {
      "/confirm": async (query) => {
        const device = query.get("device") ?? "";
        log.info({ device, anyway: query.has("anyway") }, "a person confirms a device");
        return await agent.confirm(device as DeviceId, query.has("anyway"));
      },
    },
  });
  agent.start();
  const renewing = setInterval(() => void renewal?.look(), RENEWAL_LOOK_MS);
  void renewal?.look();
  const readAnew = (): void => void reload();
  process.on("SIGHUP", readAnew);
  const watch = watchFiles(file, configuration.profilesFolder, readAnew, (error) =>
    log.warn({ err: error, file }, "changes of the configuration are not seen; SIGHUP has it read anew"),
  );
  return {
    stop: async () => {
      watch.close();
      clearInterval(renewing);
      await (await remote)?.stop();
      await update?.stop();
      await agent.stop();
      await operations.close();
    },
  };
}

/** Most boxes are never asked: what looks for devices is loaded when one is. */
async function remoteDiscovery({
  agent,
  configuration,
  ...parts
}: {
  readonly agent: Agent;
  readonly configuration: DiscoveryConfiguration;
  readonly profilesFolder: string | undefined;
  readonly file: string;
  readonly now: () => number;
  readonly reload: () => Promise<void>;
}): Promise<RemoteDiscovery> {
  const { RemoteDiscovery } = await import("./discovery/remote.ts");
  const { profilesFolder, ...rest } = parts;
  return new RemoteDiscovery({
    ...rest,
    configuration,
    profiles: () => {
      const { find, ids } = profilesFolder === undefined ? SHIPPED : loadProfiles(profilesFolder);
      return ids.flatMap((id) => find(id) ?? []);
    },
    check: loadConfiguration,
    devices: () => agent.configured(),
    tell: (event) => agent.tell(event),
    log,
  });
}

/** Most boxes run the package on a system of somebody else's: only one made from the image loads what updates it. */
async function updateOf(
  { brokers: [broker], enrolment }: Configuration,
  parts: { readonly agent: Agent; readonly dataFolder: string; readonly clock: Clock },
): Promise<BoxUpdate | undefined> {
  const places = updatePlaces(environment.machine);
  const identity = broker?.tls?.certFile;
  if (enrolment === undefined || identity === undefined || imageOf(places) === undefined) return undefined;
  const { openBoxUpdate } = await import("./update/index.ts");
  return openBoxUpdate({ ...parts, hub: { ...enrolment, identity }, places, random: Math.random, log });
}

/** A box with a seed is enrolled before anything else: without it there is no configuration to read. */
async function enrolWhereAsked(configurationFile: string, place: string): Promise<void> {
  if (!isSeedWaiting({ configurationFile, place })) return;
  await enrolFromSeed({
    place,
    configurationFile,
    log,
    random: Math.random,
    now: () => Math.max(Date.now(), installedAt()),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
}

function renewalOf(
  { brokers: [broker], campus, enrolment, node }: Configuration,
  file: string,
  clock: Clock,
  program: string,
): CertificateRenewal | undefined {
  const identity = broker?.tls?.certFile;
  if (broker === undefined || identity === undefined || enrolment === undefined) return undefined;
  return new CertificateRenewal({
    files: { ...identityFiles(file), identity },
    ...enrolment,
    now: () => clock.instant().wall,
    probe: async (pair) => {
      const address = { ...broker, tls: { ...broker.tls, certFile: pair, keyFile: pair } };
      const name = `${campus}-${node}.renewal`;
      const connection = await Connection.open(address, name, undefined, () => undefined, {
        now: () => clock.instant(),
        program,
      });
      await connection.close();
    },
    log,
  });
}

function tellOfClock(change: ClockChange): void {
  switch (change.kind) {
    case "untrusted":
      log.warn(change, "this box does not know the time yet; what it records is marked, and corrected later");
      break;
    case "trusted":
      log.info(change, "the time is known; what was recorded before is sent with its time corrected");
      break;
    case "stepped":
      log.warn(change, "the system's clock was set while the agent ran; event times follow it, waits do not");
      break;
    case "ignored":
      log.error(
        change,
        "the system's clock was set to a time before this program was; the agent keeps its own",
      );
      break;
  }
}

/** The key that turns card numbers into credentials. It never leaves the box; without it the hashes mean nothing. */
function pseudonymKey(file: string): Uint8Array {
  try {
    writeFileSync(file, randomBytes(PSEUDONYM_KEY_BYTES), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = readFileSync(file);
  if (key.length !== PSEUDONYM_KEY_BYTES) {
    throw new OperatorError(
      `${file} must hold ${PSEUDONYM_KEY_BYTES} bytes and holds ${key.length}. Restore it from a backup; ` +
        "or remove it, and every card gets a new credential",
    );
  }
  return key;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "0";
}

const environment = readEnvironment(process.env);
const log = createLog("edge-agent", environment.logLevel);
await runProcess(log, start, loadDrivers);
