/** What is wrong is said, is counted, and stays where it is: everything else goes on. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AlarmFeed, ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { HubProcess } from "../testing/hub-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const EXIT_CONFIGURATION = 78;
const BUTTON = "qiyun-no1/box-1/panic-office";

describe("a broken configuration", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "campus-ops-bad-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const SITE = [
    "site:",
    '  city: { code: "990100", title: { zh: 城, en: City } }',
    "  counties: []",
    "",
  ].join("\n");

  test.each([
    { title: "what is not YAML", text: `${SITE}broker: {users: [\n`, says: /hub\.yaml:\d+: / },
    {
      title: "a field that is misspelt",
      text: `${SITE}broker:\n  user: []\n`,
      says: /hub\.yaml:5: broker\.user: /,
    },
    {
      title: "an edge agent that is not there",
      text: `${SITE}edges: [gone.yaml]\n`,
      says: /hub\.yaml:4: edges\.0: there is no such file/,
    },
  ])("with $title ends the start with file, line and field", async ({ text, says }) => {
    const config = join(folder, "hub.yaml");
    writeFileSync(config, text);
    const hub = await HubProcess.start({ config });
    expect(await hub.exit()).toBe(EXIT_CONFIGURATION);
    expect(hub.log.all.map(({ msg }) => msg).join("\n")).toMatch(says);
    await hub.stop();
  });

  test("that is not there at all is named, and how to name another", async () => {
    const hub = await HubProcess.start({ config: join(folder, "nowhere.yaml") });
    expect(await hub.exit()).toBe(EXIT_CONFIGURATION);
    expect(hub.lastWords()).toContain("nowhere.yaml");
    expect(hub.lastWords()).toContain("--config");
    await hub.stop();
  });

  test("an unknown command is answered with those that there are", async () => {
    const answer = await cli("upp");
    expect(answer.code).toBe(EXIT_CONFIGURATION);
    expect(answer.stderr).toContain("check-config");
  });
});

describe("bad input to a running hub", () => {
  let hub: HubProcess;
  let api: ApiClient;
  let feed: AlarmFeed;
  let control: SimulatorControl;

  beforeAll(async () => {
    hub = await HubProcess.start();
    await hub.ready();
    api = new ApiClient(hub.url);
    control = new SimulatorControl(hub.private_("simulators"));
    await control.schoolDay(false);
    feed = await new AlarmFeed(hub.url).listening();
    await eventually("all devices working", async () => {
      const { devices } = await api.devices();
      return devices.filter(({ health }) => health === "working").length >= 60 ? true : undefined;
    });
  });
  afterAll(async () => {
    feed?.close();
    expect(await hub?.stop()).toBe(0);
  });

  /** The road from a device to the live stream is open. */
  async function alarmsStillFlow(): Promise<void> {
    const since = feed.alarms.all.length;
    await control.set(BUTTON, "Panic/Pressed", true);
    await feed.alarms.until(
      "the panic button's alarm",
      ({ device, state }) => device.key === BUTTON && state === "unacknowledged",
      { since },
    );
    await control.set(BUTTON, "Panic/Pressed", false);
    await feed.alarms.until(
      "released",
      ({ device, state }) => device.key === BUTTON && state !== "unacknowledged",
      {
        since,
      },
    );
  }

  test("a second hub on the same data is refused, and the first goes on", async () => {
    const second = await HubProcess.start({ data: hub.data });
    expect(await second.exit()).toBe(EXIT_CONFIGURATION);
    expect(second.lastWords()).toContain(`(process ${hub.supervisorPid})`);
    await alarmsStillFlow();
  });

  test("a hub on ports that are taken says who has them and how to choose others", async () => {
    const second = await HubProcess.start({ environment: { CAMPUS_OPS_MQTT_PORT: String(hub.mqttPort) } });
    expect(await second.exit()).toBe(EXIT_CONFIGURATION);
    expect(second.lastWords()).toContain(`(pid ${hub.pid("broker")})`);
    expect(second.lastWords()).toContain("CAMPUS_OPS_MQTT_PORT=");
    await second.stop();
  });

  test("random bytes on the MQTT port are counted and close that connection alone", async () => {
    const before = await api.metric("campus_ops_broker_bad_connections_total");
    for (let index = 0; index < 20; index += 1) {
      const socket = connectTcp(hub.mqttPort, "127.0.0.1");
      socket.on("error", () => undefined);
      await once(socket, "connect");
      // 0xF0 is a packet type that MQTT 3.1.1 does not have.
      socket.write(Buffer.concat([Buffer.from([0xf0]), randomBytes(200)]));
      await once(socket, "close");
    }
    expect(await api.metric("campus_ops_broker_bad_connections_total")).toBeGreaterThan(before);
    await alarmsStillFlow();
  });

  test("a malformed Sparkplug payload is counted by ingest, and the edge node's own data goes on", async () => {
    const name = "campus_ops_ingest_malformed_total";
    const before = await api.metric(name);
    const user = "muhe-hepan-box-1";
    const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
      clientId: "a-broken-edge",
      username: user,
      password: readFileSync(join(hub.data, `demo/secrets/broker-${user}`), "utf8").trim(),
      reconnectPeriod: 0,
    });
    for (let index = 0; index < 10; index += 1) {
      await client.publishAsync("spBv1.0/muhe-hepan/NDATA/box-1", randomBytes(100), { qos: 0 });
    }
    await client.endAsync();
    await eventually("they are counted", async () => ((await api.metric(name)) > before ? true : undefined));
    await alarmsStillFlow();
    await eventually("the box is online", async () => {
      const { nodes } = await api.devices();
      return nodes.find(({ key }) => key === "muhe-hepan/box-1")?.online === true ? true : undefined;
    });
  });

  test("a wrong password on the MQTT port is refused and counted", async () => {
    const before = await api.metric("campus_ops_broker_logins_refused_total");
    const attempt = connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
      username: "ingest",
      password: "not it",
      reconnectPeriod: 0,
    });
    await expect(attempt).rejects.toThrow();
    expect(await api.metric("campus_ops_broker_logins_refused_total")).toBe(before + 1);
  });

  test.each(["garbage", "hang"] as const)(
    "a device that answers with %s is unreachable, counted, and alone",
    async (fault) => {
      const key = "muhe-hepan/box-1/air-201";
      const labels = { device: "air-201" };
      const before = await api.metric("campus_ops_edge_device_failures_total", labels);
      await control.fault(key, fault);
      await eventually("the device is unreachable", async () =>
        (await api.device(key)).health === "unreachable" ? true : undefined,
      );
      expect(await api.metric("campus_ops_edge_device_failures_total", labels)).toBeGreaterThan(before);
      await alarmsStillFlow();
      const others = (await api.devices()).devices.filter((device) => device.key !== key);
      expect(others.filter(({ health }) => health !== "working")).toEqual([]);
      await control.fault(key, null);
      await eventually("the device works again", async () =>
        (await api.device(key)).health === "working" ? true : undefined,
      );
    },
  );
});

function cli(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, "deploy/cli/main.ts"), ...args],
      (_error, stdout, stderr) => done({ code: child.exitCode, stdout, stderr }),
    );
  });
}
