/**
 * examples/this-machine.yaml on other ports: devices that other people's programs play, and two cameras that call out by
 * their makers' own interfaces, with our broker and with Debian's mosquitto in its place.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DeviceView } from "@campus-ops/dashboards/api";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import type { MetricName } from "@campus-ops/device-profiles/vocabulary";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureSecret } from "../cli/broker-secrets.ts";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";

// Somebody else's reading of the PJLink specification; it has no types.
interface PjlinkClient {
  powerOn(callback: (error: unknown) => void): void;
  powerOff(callback: (error: unknown) => void): void;
  disconnect(): void;
}
const Pjlink: new (host: string, port: number) => PjlinkClient = createRequire(import.meta.url)("pjlink");

const EXAMPLES = resolve(import.meta.dirname, "../../examples");
const NODE = "this-machine/box-1";
/** snmpd looks at the kernel's counters at most this often, so a value may be that old when it is read. */
const SNMPD_CACHE_MS = 20_000;
/** Debian's own Python: the one that has Debian's packages. */
const PYTHON = "/usr/bin/python3";

const processes: ChildProcess[] = [];
let folder: string;
let projector: SimulatedDevice;
const CAMERAS = { isapi: "camera/hikvision-isapi", dahua: "camera/dahua" } as const;
type CameraId = keyof typeof CAMERAS;
const CAMERA_SECRET = "a-password-of-the-test";
const CAMERA_IDS = Object.keys(CAMERAS) as readonly CameraId[];
const cameras = new Map<CameraId, SimulatedDevice>();
let airPort: number;
let air: ChildProcess;
let snmpPort: number;

/** What the kernel counted on the loopback interface, and when. */
const kernel: { readonly at: number; readonly inOctets: number }[] = [];
const watch = setInterval(() => {
  const inOctets = Number(readFileSync("/sys/class/net/lo/statistics/rx_bytes", "utf8"));
  kernel.push({ at: Date.now(), inOctets });
}, 100);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-real-"));
  const profile = findProfile("projector/generic-pjlink-class-2");
  if (profile === undefined) throw new Error("no projector profile");
  projector = await startSimulator(profile);
  for (const id of CAMERA_IDS) {
    const camera = findProfile(CAMERAS[id]);
    if (camera === undefined) throw new Error(`no profile ${CAMERAS[id]}`);
    cameras.set(id, await startSimulator(camera, { username: "admin", secret: CAMERA_SECRET }));
  }

  snmpPort = await freePort();
  const snmpd = readFileSync(join(EXAMPLES, "this-machine.snmpd.conf"), "utf8").replace(
    "16161",
    String(snmpPort),
  );
  const configuration = join(folder, "snmpd.conf");
  writeFileSync(configuration, snmpd, { mode: 0o600 });
  const pidFile = join(folder, "snmpd.pid");
  await start(
    "/usr/sbin/snmpd",
    ["-f", "-Lo", "-C", "-c", configuration, "-p", pidFile, "-I", "-smux"],
    /NET-SNMP/,
  );

  airPort = await freePort();
  air = await start(PYTHON, [join(EXAMPLES, "room-monitor.py"), String(airPort)], /listening/);
});
afterAll(async () => {
  clearInterval(watch);
  await projector?.close();
  for (const camera of cameras.values()) await camera.close();
  for (const each of processes) {
    each.kill("SIGTERM");
    if (each.exitCode === null && each.signalCode === null) await once(each, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

async function start(command: string, args: readonly string[], ready: RegExp): Promise<ChildProcess> {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: "" },
  });
  processes.push(child);
  let said = "";
  await new Promise<void>((done, failed) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (ready.test(said)) done();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => failed(new Error(`${command} ended with ${code}: ${said}`)));
    child.once("error", failed);
  });
  return child;
}

function stanza(id: CameraId): string {
  const login = "username: admin, secretFile: camera-secret";
  const title = `title: { zh: ${id} 摄像机, en: ${id} camera }`;
  return `  - { id: camera-${id}, profile: ${CAMERAS[id]}, ${title}, at: desk/1/here, url: '${cameras.get(id)?.url}', ${login} }\n`;
}

/** The example with its ports moved, and another broker if one is given. */
function example(mqttPort: number, broker: "ours" | "mosquitto"): string {
  const copy = join(folder, broker);
  cpSync(EXAMPLES, copy, { recursive: true });
  const edge = join(copy, "this-machine.edge.yaml");
  const moved = readFileSync(edge, "utf8")
    .replace("127.0.0.1:1883", `127.0.0.1:${mqttPort}`)
    .replace("127.0.0.1:16161", `127.0.0.1:${snmpPort}`)
    .replace("127.0.0.1:15020", `127.0.0.1:${airPort}`)
    .replace("pjlink://127.0.0.1:14352", projector.url);
  writeFileSync(join(copy, "camera-secret"), `${CAMERA_SECRET}\n`, { mode: 0o600 });
  writeFileSync(edge, moved + CAMERA_IDS.map(stanza).join(""));
  const hub = join(copy, "this-machine.yaml");
  // The campus is closed at any hour.
  const closed = "{ closed: ['00:00-24:00'] }";
  const text = `${readFileSync(hub, "utf8")}\nrules: { calendar: { schoolDay: ${closed}, offDay: ${closed} } }\n`;
  writeFileSync(hub, text);
  if (broker === "mosquitto") {
    writeFileSync(hub, text.replace(/^broker:\n(?: .*\n)+/m, "broker: external\n"));
    for (const name of ["broker-ingest", "broker-this-machine"]) ensureSecret(join(copy, "secrets", name));
  }
  return hub;
}

async function startMosquitto(port: number): Promise<void> {
  const configuration = join(folder, "mosquitto.conf");
  writeFileSync(configuration, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
  await start("/usr/sbin/mosquitto", ["-c", configuration, "-v"], /mosquitto version .* running/);
}

const metric = (device: DeviceView, name: MetricName) => device.metrics.find((each) => each.name === name);

describe.each(["ours", "mosquitto"] as const)("this machine, with the broker: %s", (broker) => {
  let hub: HubProcess;
  let api: ApiClient;

  beforeAll(async () => {
    const mqttPort = await freePort();
    if (broker === "mosquitto") await startMosquitto(mqttPort);
    hub = await HubProcess.start({ config: example(mqttPort, broker), mqttPort });
    await hub.ready();
    api = new ApiClient(hub.url);
    await eventually("five working devices", async () => {
      const { devices } = await api.devices();
      // The hub's own parts are devices, too.
      const here = devices.filter(({ key }) => key.startsWith(`${NODE}/`));
      return here.filter(({ health }) => health === "working").length === 5 ? true : undefined;
    });
  });
  afterAll(async () => {
    await hub?.stop();
  });

  test.each(CAMERA_IDS)("somebody in a closed area becomes an alarm with a picture: %s", async (id) => {
    const camera = cameras.get(id);
    camera?.set("Analytics/Intrusion", true);
    try {
      const raised = await eventually("the alarm with its picture", async () => {
        const key = `${NODE}/camera-${id}`;
        const alarms = await api.alarms("active");
        const own = alarms.find(({ device, rule }) => rule === "area-intrusion" && device.key === key);
        const detail = own === undefined ? undefined : await api.alarm(own.id);
        return detail?.pictures.some(({ state }) => state === "taken") === true ? detail : undefined;
      });
      expect(raised.evidence).toContainEqual(
        expect.objectContaining({ name: "Analytics/Intrusion", value: true }),
      );
      const taken = raised.pictures.find(({ state }) => state === "taken");
      expect(taken).toMatchObject({ why: "itself", contentType: "image/jpeg" });
    } finally {
      camera?.set("Analytics/Intrusion", false);
    }
  });

  test("holds the interface counters that the kernel counted", async () => {
    const first = await api.device(`${NODE}/network`);
    const before = Number(metric(first, "Port/1/InOctets")?.value);
    const later = await eventually("the counter moves", async () => {
      const counter = metric(await api.device(`${NODE}/network`), "Port/1/InOctets");
      return Number(counter?.value) > before ? counter : undefined;
    });
    const value = Number(later.value);
    const counted = kernel.filter(
      ({ at }) => at >= later.eventTime - SNMPD_CACHE_MS && at <= later.eventTime + 1_000,
    );
    expect(value).toBeGreaterThanOrEqual(Math.min(...counted.map(({ inOctets }) => inOctets)));
    expect(value).toBeLessThanOrEqual(Math.max(...counted.map(({ inOctets }) => inOctets)));
  });

  test("follows a register that pymodbus changes, into the store", async () => {
    const from = Date.now() - 60_000;
    air.stdin?.write("34 1900\n");
    await eventually("1900 ppm", async () => {
      const value = metric(await api.device(`${NODE}/air`), "Environment/CO2")?.value;
      return value === 1900 ? true : undefined;
    });
    const { series } = await eventually("the store holds it", async () => {
      const result = await api.post<{ series: { points: [number, number][] }[] }>("/api/v1/query", {
        metric: "Environment/CO2",
        device: `${NODE}/air`,
        from,
        to: Date.now() + 60_000,
      });
      return result.series[0]?.points.some(([, value]) => value === 1900) === true ? result : undefined;
    });
    expect(series).toHaveLength(1);
    air.stdin?.write("34 640\n");
    await eventually("640 ppm", async () => {
      const value = metric(await api.device(`${NODE}/air`), "Environment/CO2")?.value;
      return value === 640 ? true : undefined;
    });
  });

  test("sees what another PJLink client does to the projector", async () => {
    const { port } = new URL(projector.url);
    const client = new Pjlink("127.0.0.1", Number(port));
    const wanted = broker === "ours" ? "on" : "off";
    await new Promise<void>((done, failed) => {
      const answered = (error: unknown): void => (error ? failed(new Error(String(error))) : done());
      if (wanted === "on") client.powerOn(answered);
      else client.powerOff(answered);
    });
    client.disconnect();
    await eventually(`the projector is ${wanted}`, async () => {
      const power = metric(await api.device(`${NODE}/projector`), "Projector/Power")?.value;
      const seen = wanted === "on" ? ["warming", "on"] : ["cooling", "off"];
      return seen.includes(String(power)) ? true : undefined;
    });
  });
});
