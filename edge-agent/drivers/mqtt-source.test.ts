import { randomUUID } from "node:crypto";
import { encodeProtobuf, protobufFields } from "@campus-ops/device-profiles/codecs/protobuf";
import type { Profile } from "@campus-ops/device-profiles/profiles";
import { milesightWs52x } from "@campus-ops/device-profiles/profiles/actuator/milesight-ws52x";
import { tuyaTs011fPlug } from "@campus-ops/device-profiles/profiles/actuator/tuya-ts011f-plug";
import { aqaraMccgq11lm } from "@campus-ops/device-profiles/profiles/environment-sensor/aqara-mccgq11lm";
import { aqaraWsdcgq11lm } from "@campus-ops/device-profiles/profiles/environment-sensor/aqara-wsdcgq11lm";
import { aqaraWxkg11lm } from "@campus-ops/device-profiles/profiles/environment-sensor/aqara-wxkg11lm";
import { draginoLht65 } from "@campus-ops/device-profiles/profiles/environment-sensor/dragino-lht65";
import { milesightEm300Th } from "@campus-ops/device-profiles/profiles/environment-sensor/milesight-em300-th";
import { milesightWs101 } from "@campus-ops/device-profiles/profiles/environment-sensor/milesight-ws101";
import {
  type SimulatedDevice,
  type SimulatorOptions,
  startSimulator,
} from "@campus-ops/device-profiles/simulator";
import { soon } from "@campus-ops/service/testing/soon";
import mqtt from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startMosquitto, type TestBroker } from "../testing/brokers.ts";
import { FollowedSession, patience, TEST_ENVIRONMENT } from "../testing/followed-session.ts";
import { chirpstackDriver } from "./chirpstack.ts";
import type { DeviceTarget, Driver } from "./driver.ts";
import { zigbee2mqttDriver } from "./zigbee2mqtt.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(profile: Profile, options: SimulatorOptions = {}): Promise<SimulatedDevice> {
  const device = await startSimulator(profile, options);
  cleanups.push(() => device.close());
  return device;
}

async function follow<P>(
  driver: Driver<P>,
  profile: P,
  url: string,
  login: Omit<DeviceTarget, "url"> = {},
): Promise<FollowedSession> {
  const followed = await FollowedSession.open(driver, profile, url, login);
  cleanups.push(() => followed.close());
  return followed;
}

describe("with Mosquitto between the gateway and the box", () => {
  let mosquitto: TestBroker;
  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });
  afterAll(() => mosquitto.stop());

  test("a Zigbee plug is read, switched, and read back", async () => {
    const plug = await start(tuyaTs011fPlug, { mqttServer: mosquitto.url, identity: "0x0001" });
    const followed = await follow(zigbee2mqttDriver, tuyaTs011fPlug, plug.url);
    plug.set("Meter/Power", 1.38);
    await soon(() => expect(followed.latest("Meter/Power")).toBe(1.38));
    await followed.session.write?.("Outlet/On", true, patience());
    await soon(async () => expect(await followed.polled()).toMatchObject({ "Outlet/On": true }));
    expect(plug.get("Outlet/On")).toBe(true);
    expect(await followed.session.identify?.(patience())).toMatchObject({
      samples: [{ value: "Tuya" }, { value: "TS011F_plug_1" }, { value: "0x0001" }, { value: "3000-0001" }],
    });
  });

  test("a LoRaWAN sensor is heard, and a socket is switched by a queued command", async () => {
    const sensor = await start(milesightEm300Th, { mqttServer: mosquitto.url });
    const socket = await start(milesightWs52x, { mqttServer: mosquitto.url, identity: "24e124136b500001" });
    const heard = await follow(chirpstackDriver, milesightEm300Th, sensor.url);
    const switched = await follow(chirpstackDriver, milesightWs52x, socket.url);
    sensor.set("Environment/Temperature", -5.5);
    await soon(() => expect(heard.latest("Environment/Temperature")).toBe(-5.5));
    await switched.session.write?.("Outlet/On", true, patience());
    await soon(() => expect(switched.latest("Outlet/On")).toBe(true));
    expect(heard.latest("Outlet/On")).toBeUndefined();
  });

  test("a ChirpStack that speaks Protocol Buffers is heard, and answered in the same", async () => {
    const client = await mqtt.connectAsync(mosquitto.url);
    cleanups.push(() => client.endAsync(true));
    const topic = "application/a-1/device/24e124136b50beef";
    const followed = await follow(chirpstackDriver, milesightWs52x, `${mosquitto.url}/${topic}`);
    const [id, off] = [new TextEncoder().encode(randomUUID()), Uint8Array.of(0x08, 0x70, 0x00)];
    const message = encodeProtobuf([
      [1, id],
      [10, off],
    ]);
    await client.publishAsync(`${topic}/event/up`, Buffer.from(message));
    await soon(() => expect(followed.latest("Outlet/On")).toBe(false));
    const queued = new Promise<Buffer>((resolve) => client.once("message", (_, payload) => resolve(payload)));
    await client.subscribeAsync(`${topic}/command/down`);
    await followed.session.write?.("Outlet/On", true, patience());
    const devEui = new TextEncoder().encode("24e124136b50beef");
    expect(new Map(protobufFields(await queued)).get(2)).toEqual(Buffer.from(devEui));
    await client.publishAsync(`${topic}/event/up`, Buffer.from(message.subarray(0, -1)));
    await soon(() => expect(followed.latest("Connectivity/Malformed")).toBe(1));
  });

  test("a state that the server kept is told with what is known of its time", async () => {
    const client = await mqtt.connectAsync(mosquitto.url);
    cleanups.push(() => client.endAsync(true));
    const list = [
      {
        ieee_address: "0x9",
        friendly_name: "三楼/东门",
        definition: { vendor: "Aqara", model: "MCCGQ11LM" },
      },
    ];
    await client.publishAsync("zigbee2mqtt/bridge/devices", JSON.stringify(list), { retain: true, qos: 1 });
    await client.publishAsync("zigbee2mqtt/三楼/东门", `{"contact":false,"battery":50}`, {
      retain: true,
      qos: 1,
    });
    const followed = await follow(zigbee2mqttDriver, aqaraMccgq11lm, `${mosquitto.url}/zigbee2mqtt/0x9`);
    await soon(() =>
      expect(followed.newest("Contact/Open")).toMatchObject({
        value: true,
        quality: { status: "uncertain", reason: "no-event-time" },
      }),
    );
    await client.publishAsync("zigbee2mqtt/三楼/东门", `{"contact":true}`);
    await soon(() =>
      expect(followed.newest("Contact/Open")).toMatchObject({ value: false, quality: { status: "good" } }),
    );
    await client.publishAsync("zigbee2mqtt/三楼/东门/availability", "offline");
    await expect(followed.ended).rejects.toMatchObject({ kind: "unreachable" });
    await client.publishAsync("zigbee2mqtt/bridge/devices", "", { retain: true });
  });
});

describe("Zigbee2MQTT", () => {
  test("presses of a button are events, each told once", async () => {
    const button = await start(aqaraWxkg11lm);
    const followed = await follow(zigbee2mqttDriver, aqaraWxkg11lm, button.url);
    button.raise("Button/Pressed", { action: "single" });
    button.raise("Button/Pressed", { action: "hold" });
    await soon(() =>
      expect(followed.eventsOf("Button/Pressed").map(({ fields }) => fields.action)).toEqual([
        "single",
        "hold",
      ]),
    );
  });

  test("a device that it does not know is unreachable, and so is one that it forgets", async () => {
    const sensor = await start(aqaraWsdcgq11lm);
    const other = sensor.url.replace(/[^/]+$/, "0xffff");
    await expect(follow(zigbee2mqttDriver, aqaraWsdcgq11lm, other)).rejects.toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("knows no device called 0xffff"),
    });
    const followed = await follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url);
    await sensor.fault("subscription-lost");
    await expect(followed.ended).rejects.toMatchObject({ kind: "unreachable", retry: true });
  });

  test("a command that is acknowledged and not done is not read back as done", async () => {
    const plug = await start(tuyaTs011fPlug);
    const followed = await follow(zigbee2mqttDriver, tuyaTs011fPlug, plug.url);
    await plug.fault("not-done");
    await followed.session.write?.("Outlet/On", true, patience());
    // The gateway's own echo; the device knows better.
    await soon(() => expect(followed.latest("Outlet/On")).toBe(true));
    expect(await followed.polled()).toMatchObject({ "Outlet/On": false });
    await expect(followed.session.write?.("Meter/Power", 1, patience())).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  test("a sensor that was not read has no value, and a storm of messages is one state", async () => {
    const sensor = await start(aqaraWsdcgq11lm);
    const followed = await follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url);
    await sensor.fault("sentinel");
    await soon(() =>
      expect(followed.newest("Environment/Temperature")).toMatchObject({
        value: null,
        quality: { reason: "not-read" },
      }),
    );
    await sensor.fault("storm");
    sensor.set("Environment/Temperature", 21.5);
    await soon(() => expect(followed.latest("Environment/Temperature")).toBe(21.5));
  });

  test("messages that make no sense are counted and harm nothing", async () => {
    const sensor = await start(aqaraWsdcgq11lm);
    const followed = await follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url);
    const { host, pathname } = new URL(sensor.url);
    const client = await mqtt.connectAsync(`mqtt://${host}`);
    cleanups.push(() => client.endAsync(true));
    const topic = decodeURIComponent(pathname.slice(1));
    for (const rubbish of ["", "nonsense", "[1]", "null", `{"temperature":`])
      await client.publishAsync(topic, rubbish);
    await client.publishAsync("zigbee2mqtt/bridge/devices", "{}");
    sensor.set("Environment/Temperature", 20.5);
    await soon(() => expect(followed.latest("Environment/Temperature")).toBe(20.5));
    expect(await followed.polled()).toMatchObject({ "Connectivity/Malformed": 6 });
  });
});

describe("ChirpStack", () => {
  test("the same frame, told again, is told once; its button press has the frame's id", async () => {
    const button = await start(milesightWs101);
    const followed = await follow(chirpstackDriver, milesightWs101, button.url);
    await button.fault("storm");
    button.raise("Button/Pressed", { action: "double" });
    await soon(() => expect(followed.eventsOf("Button/Pressed")).toHaveLength(1));
    expect(followed.eventsOf("Button/Pressed")[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each(["clock-1970", "clock-ahead"] as const)(
    "with %s a reading is true now, and marked",
    async (fault) => {
      const sensor = await start(draginoLht65);
      const followed = await follow(chirpstackDriver, draginoLht65, sensor.url);
      await sensor.fault(fault);
      sensor.set("Environment/Temperature", 19.5);
      await soon(() =>
        expect(followed.newest("Environment/Temperature")).toMatchObject({
          value: 19.5,
          quality: { status: "uncertain", reason: "device-clock" },
        }),
      );
      const told = followed.newest("Environment/Temperature")?.eventTime ?? 0;
      expect(Math.abs(told - Date.now())).toBeLessThan(60_000);
    },
  );

  test("a torn-off sensor is no frost", async () => {
    const sensor = await start(draginoLht65);
    const followed = await follow(chirpstackDriver, draginoLht65, sensor.url);
    await sensor.fault("sentinel");
    sensor.set("Environment/Humidity", 50);
    await soon(() =>
      expect(followed.newest("Environment/Temperature")).toMatchObject({
        value: null,
        quality: { reason: "sentinel" },
      }),
    );
  });

  test("a device that nobody hears for too long is gone", async () => {
    const sensor = await start(draginoLht65);
    const profile = { ...draginoLht65, silenceMax_ms: 50 };
    const followed = await follow(chirpstackDriver, profile, sensor.url);
    await expect(followed.ended).rejects.toMatchObject({ kind: "timeout", retry: true, conclusive: true });
  });

  test("only a whole address is one, and no address listens to everybody's devices", async () => {
    const open = (path: string) =>
      chirpstackDriver.open(
        { url: new URL(`mqtt://127.0.0.1:1/${path}`) },
        draginoLht65,
        TEST_ENVIRONMENT,
        patience(),
      );
    for (const path of [
      "",
      "application/a/device",
      "application/a/device/%2B",
      "application/+/device/24e124136b502217",
    ]) {
      await expect(open(path)).rejects.toMatchObject({ kind: "unsupported", retry: false });
    }
  });
});

describe("the gateway's MQTT server", () => {
  test("lets us in with the right password only, and a wrong one is not tried again", async () => {
    const sensor = await start(draginoLht65, { secret: "right" });
    await follow(chirpstackDriver, draginoLht65, sensor.url, { username: "box", secret: "right" });
    await expect(
      follow(chirpstackDriver, draginoLht65, sensor.url, { username: "box", secret: "wrong" }),
    ).rejects.toMatchObject({
      kind: "login-refused",
      retry: false,
    });
    await expect(
      follow(chirpstackDriver, draginoLht65, sensor.url, { secret: "right" }),
    ).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  test("broken in each way it says so, and it is back once it is mended", async () => {
    const sensor = await start(aqaraWsdcgq11lm);
    const followed = await follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url);
    await sensor.fault("down");
    await expect(followed.ended).rejects.toMatchObject({ kind: "unreachable", retry: true });
    await expect(follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url)).rejects.toMatchObject({
      kind: "unreachable",
    });
    await sensor.fault("garbage");
    await expect(follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url)).rejects.toMatchObject({
      retry: true,
    });
    await sensor.fault("fragmented");
    const again = await follow(zigbee2mqttDriver, aqaraWsdcgq11lm, sensor.url);
    sensor.set("Environment/Humidity", 44);
    await soon(() => expect(again.latest("Environment/Humidity")).toBe(44));
  });

  test("that takes the connection and says nothing is given up at the deadline", async () => {
    const sensor = await start(draginoLht65);
    await sensor.fault("hang");
    const opening = chirpstackDriver.open(
      { url: new URL(sensor.url) },
      draginoLht65,
      TEST_ENVIRONMENT,
      AbortSignal.timeout(30),
    );
    await expect(opening).rejects.toMatchObject({ kind: "timeout", retry: true });
  });
});
