/** The hub that boxes of a trial are enrolled at: a real one on this machine's loopback, which they reach as 10.0.2.2; and a device that they read. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { DeviceView } from "@campus-ops/ingest/api";
import { freePort, HubProcess } from "../../testing/hub-process.ts";
import { UpdatesConsole } from "../../updates/testing/updates-console.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
/** This machine's loopback, as a box of QEMU's user network sees it. */
export const OUTSIDE = "10.0.2.2";
const ADMINISTRATOR = { user: "admin", password: "a long first password of 2026" } as const;
const WHICH = ["--campus", "qiyun-no1", "--node", "box-1"] as const;
export const BOX = "qiyun-no1/box-1";
const DEVICE = `${BOX}/air-101`;
const PROFILE = "environment-sensor/generic-room-monitor";

interface Ports {
  readonly mqtt: number;
  readonly mqtts: number;
  readonly enrolment: number;
  /** The device's. */
  readonly air: number;
}

export class TrialHub {
  readonly #hub: HubProcess;
  readonly #folder: string;
  readonly #air: SimulatedDevice;

  private constructor(hub: HubProcess, folder: string, air: SimulatedDevice) {
    this.#hub = hub;
    this.#folder = folder;
    this.#air = air;
  }

  /** Goes on with what an earlier trial has left in `folder`. Bundles signed below `root`, a certificate, are taken. */
  static async start(folder: string, root: string): Promise<TrialHub> {
    const config = join(folder, "hub.yaml");
    const ports = await portsOf(folder);
    if (!existsSync(config)) {
      const ends = ["--mqtts-port", String(ports.mqtts), "--enrolment-port", String(ports.enrolment)];
      await campusOps(
        folder,
        ports,
        [
          ...[
            "init",
            "--folder",
            folder,
            "--city",
            "990100:临澜市/Linlan",
            "--county",
            "990102:启云区/Qiyun",
          ],
          ...[
            "--campus",
            "qiyun-no1:启云一中/Qiyun No. 1",
            "--name",
            OUTSIDE,
            "--administrator",
            ADMINISTRATOR.user,
            ...ends,
          ],
        ],
        `${ADMINISTRATOR.password}\n`,
      );
    }
    takeBundlesOf(config, root);
    const hub = await HubProcess.start({ config, data: join(folder, "data"), mqttPort: ports.mqtt });
    await hub.ready();
    const profile = findProfile(PROFILE);
    if (profile === undefined) throw new Error(`there is no profile ${PROFILE}`);
    const air = await startSimulator(profile, { port: ports.air });
    return new TrialHub(hub, folder, air);
  }

  /** Writes the seed of box-1, with the device planned, to `file`. */
  async seed(file: string): Promise<void> {
    const planned = join(this.#folder, "planned.yaml");
    writeFileSync(planned, plannedDevices(this.#air.url.replace("127.0.0.1", OUTSIDE)));
    await campusOps(this.#folder, await portsOf(this.#folder), [
      ...[
        "enrol",
        "token",
        ...WHICH,
        "--replace",
        "--title",
        "一号盒/Box 1",
        "--devices",
        planned,
        "--out",
        file,
      ],
    ]);
  }

  /** Time of the newest reading of the device, milliseconds since the epoch; undefined before there is one. */
  async newestReading(): Promise<number | undefined> {
    const answer = await this.#hub.private_("ingest").fetch(`/devices/${DEVICE}`);
    if (answer.status !== 200) return undefined;
    const { metrics } = (await answer.json()) as DeviceView;
    const sample = metrics.find(({ name }) => name === "Environment/Temperature");
    return sample?.value === null || sample?.value === undefined ? undefined : sample.eventTime;
  }

  async console(): Promise<UpdatesConsole> {
    const ca = readFileSync(join(this.#folder, "data/pki/ca.crt"), "utf8");
    return await UpdatesConsole.signIn({ port: this.#hub.httpPort, ca }, ADMINISTRATOR);
  }

  async stop(): Promise<void> {
    await this.#air.close();
    await this.#hub.stop();
  }
}

/** What `init` leaves to whoever has a root of their own. */
function takeBundlesOf(config: string, root: string): void {
  const text = readFileSync(config, "utf8");
  if (text.includes("keyring:")) return;
  const updates = `  updates: { keyring: ${JSON.stringify(root)}, mbitPerSecondMax: 1000 }\n`;
  writeFileSync(
    config,
    text.replace(/^enrolment:\n/m, (found) => found + updates),
  );
}

async function portsOf(folder: string): Promise<Ports> {
  const file = join(folder, "ports.json");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) {
    const [mqtt, mqtts, enrolment, air] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const ports: Ports = { mqtt, mqtts, enrolment, air };
    writeFileSync(file, JSON.stringify(ports));
  }
  return JSON.parse(readFileSync(file, "utf8")) as Ports;
}

async function campusOps(folder: string, ports: Ports, words: readonly string[], input = ""): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, "deploy/cli/main.ts"), ...words, "--lang", "en"], {
    cwd: folder,
    env: { ...process.env, CAMPUS_OPS_DATA: join(folder, "data"), CAMPUS_OPS_MQTT_PORT: String(ports.mqtt) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`campus-ops ${words.join(" ")}: ${said}`);
}

function plannedDevices(url: string): string {
  return `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 一号盒, en: Box 1 } }
broker: { url: "mqtt://127.0.0.1" }
devices:
  - id: air-101
    profile: ${PROFILE}
    title: { zh: 101 温湿度, en: Air 101 }
    at: a/1/101
    url: "${url}"
    poll: 1s
`;
}
