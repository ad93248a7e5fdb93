import { describe, expect, test } from "vitest";
import { GOOD } from "../vocabulary/index.ts";
import { PROFILES } from "./catalogue.ts";
import type { ChirpstackProfile } from "./chirpstack-profile.ts";
import { readStatus, readUplink } from "./chirpstack-reading.ts";
import { SourceMessageError } from "./source-message.ts";
import type { ChirpstackTestcase, Zigbee2mqttTestcase } from "./testcase.ts";
import { expectedSamples, samplesOf, testcasesOf } from "./testing/testcases.ts";
import type { Zigbee2mqttProfile } from "./zigbee2mqtt-profile.ts";
import { findZigbeeDevice, parseAvailability, readZigbeeState } from "./zigbee2mqtt-reading.ts";

const NOW = Date.UTC(2026, 8, 1, 1);

const zigbee = PROFILES.filter(
  (profile): profile is Zigbee2mqttProfile => profile.protocol === "zigbee2mqtt",
);

describe.each(zigbee)("$id", async (profile) => {
  test.each(await testcasesOf<Zigbee2mqttTestcase>(profile.id))("$title", (testcase) => {
    const { actions = [], message, retained = false, samples } = testcase;
    const reading = readZigbeeState(profile, message, { receivedAt: NOW, retained });
    expect(samplesOf(reading)).toEqual(expectedSamples(samples));
    expect(reading.events.map(({ fields }) => fields.action)).toEqual(actions);
  });
});

const lorawan = PROFILES.filter((profile): profile is ChirpstackProfile => profile.protocol === "chirpstack");

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const uplink = (payload: string): Uint8Array =>
  bytes(
    JSON.stringify({
      deduplicationId: "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
      time: "2026-09-01T00:59:58.775023242+00:00",
      deviceInfo: { devEui: "24e124136b502217" },
      fCnt: 4,
      fPort: 85,
      data: Buffer.from(payload, "hex").toString("base64"),
      rxInfo: [
        { gatewayId: "0016c001f153a14c", rssi: -101, snr: -3.2 },
        { gatewayId: "0016c001f153a14d", rssi: -57 },
      ],
    }),
  );

describe.each(lorawan)("$id", async (profile) => {
  test.each(await testcasesOf<ChirpstackTestcase>(profile.id))("$title", (testcase) => {
    const { actions = [], payload, problem, samples } = testcase;
    const reading = readUplink(profile, uplink(payload), NOW);
    expect(samplesOf(reading)).toEqual({
      ...expectedSamples(samples),
      "Radio/SignalStrength": { value: -57, quality: GOOD },
      "Radio/SignalToNoise": { value: 0, quality: GOOD },
    });
    expect(reading.samples[0]?.eventTime).toBe(Date.UTC(2026, 8, 1, 0, 59, 58, 775));
    expect(reading.events.map(({ fields, id }) => [id, fields.action])).toEqual(
      actions.map((action) => ["3ac7e3c4-4401-4b8d-9386-a5c902f9202d", action]),
    );
    expect(reading.problem).toBe(problem);
  });
});

test("there are profiles of both, each with testcases", async () => {
  expect(zigbee.length).toBeGreaterThanOrEqual(8);
  expect(lorawan.length).toBeGreaterThanOrEqual(7);
  for (const { id } of [...zigbee, ...lorawan]) expect((await testcasesOf(id)).length).toBeGreaterThan(0);
});

describe("messages of a gateway", () => {
  const devices = JSON.stringify([
    { ieee_address: "0x00124b00", type: "Coordinator", friendly_name: "Coordinator", definition: null },
    {
      ieee_address: "0x00158d0001",
      friendly_name: "三楼/东侧门",
      software_build_id: "3000-0001",
      definition: { vendor: "Aqara", model: "MCCGQ11LM" },
    },
  ]);

  test("name a device by what it is called or by its address", () => {
    for (const name of ["三楼/东侧门", "0x00158d0001"]) {
      expect(findZigbeeDevice(devices, name)).toEqual({
        friendlyName: "三楼/东侧门",
        facts: [
          ["Properties/Vendor", "Aqara"],
          ["Properties/Model", "MCCGQ11LM"],
          ["Properties/Serial", "0x00158d0001"],
          ["Properties/Firmware", "3000-0001"],
        ],
      });
    }
    expect(findZigbeeDevice(devices, "Coordinator")?.facts).toHaveLength(1);
    expect(findZigbeeDevice(devices, "nobody")).toBeUndefined();
  });

  test("say in two ways that a device is there", () => {
    expect(parseAvailability(`{"state":"offline"}`)).toBe("offline");
    expect(parseAvailability("online")).toBe("online");
    expect(parseAvailability("perhaps")).toBeUndefined();
  });

  test("tell of a battery, unless there is none", () => {
    const status = (more: object) =>
      readStatus(bytes(JSON.stringify({ deduplicationId: "1", time: "2026-09-01T01:00:00Z", ...more })), NOW)
        .samples;
    expect(status({ batteryLevel: 88.6, margin: 7 })).toMatchObject([{ metric: "Battery/Level", value: 89 }]);
    expect(status({ batteryLevel: 0, externalPowerSource: true })).toEqual([]);
    expect(status({ batteryLevelUnavailable: true })).toEqual([]);
  });

  test("that are none are an error of their own, and never another", () => {
    const [profile] = lorawan;
    const [plain] = zigbee;
    if (profile === undefined || plain === undefined) throw new Error("no profiles");
    for (const text of [
      "",
      "[]",
      "null",
      "{",
      "7",
      `{"deduplicationId":7}`,
      `{"deduplicationId":"a","data":"~"}`,
    ]) {
      expect(() => readUplink(profile, bytes(text), NOW)).toThrow(SourceMessageError);
    }
    expect(() => readZigbeeState(plain, "on", { receivedAt: NOW, retained: false })).toThrow(
      SourceMessageError,
    );
    expect(() => findZigbeeDevice("{}", "a")).toThrow("no JSON list");
  });
});
