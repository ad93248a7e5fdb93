import { findProfile } from "@campus-ops/device-profiles/profiles";
import {
  AssetPath,
  type DeviceClass,
  DeviceId,
  eventDefinition,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";
import { describe, expect, test } from "vitest";
import { SCHOOL_DAY } from "../scenario/school-day.ts";
import {
  edgeConfigurations,
  hubConfiguration,
  secretFiles,
  simulatedDevices,
  type Wiring,
} from "./configuration.ts";
import { LINLAN } from "./linlan.ts";
import { campusesOf, devicesOf } from "./plan.ts";

const devices = devicesOf(LINLAN);
const wiring = new Map<string, Wiring>(
  devices.map(({ key }, index) => [key, { protocol: "modbus", port: 20_000 + index }]),
);

const EVERYDAY_CLASSES = [
  "camera",
  "access-gate",
  "temperature-scanner",
  "projector",
  "switch",
  "panic-button",
  "environment-sensor",
  "meter",
  "ups",
  "recorder",
  "classroom-controller",
  "fire-host",
  "bus-terminal",
  "visitor-terminal",
  "access-point",
  "display",
] as const satisfies readonly DeviceClass[];

describe("the demonstration's city", () => {
  test("has two counties, three campuses, 75 devices, and every class a campus has", () => {
    expect(LINLAN.counties).toHaveLength(2);
    expect(campusesOf(LINLAN)).toHaveLength(3);
    expect(devices).toHaveLength(75);
    expect(new Set(devices.map(({ key }) => key)).size).toBe(devices.length);
    const classes = new Set(devices.map(({ profile }) => findProfile(profile)?.class));
    for (const each of EVERYDAY_CLASSES) expect(classes).toContain(each);
  });

  test("puts every device into a place that has a title, below a switch that exists", () => {
    for (const campus of campusesOf(LINLAN)) {
      const ids = new Set(campus.devices.map(({ id }) => id));
      for (const { id, at, dependsOn } of campus.devices) {
        DeviceId(id);
        AssetPath(`990100/990102/${campus.id}/${at}`);
        const levels = at.split("/").map((_, index, all) => all.slice(0, index + 1).join("/"));
        for (const level of levels) expect(campus.places, `${campus.id}/${id}`).toHaveProperty([level]);
        if (dependsOn !== undefined) expect(ids).toContain(dependsOn);
      }
    }
  });

  test("gives every edge agent its own devices, and every secret that is referred to is made", () => {
    const edges = edgeConfigurations(LINLAN, wiring, 1883);
    const text = JSON.stringify([hubConfiguration(LINLAN, 0), ...edges.values()]);
    const referred = [...text.matchAll(/"(?:passwordFile|secretFile)":"(?:\.\.\/)?([^"]+)"/g)].map(
      ([, file]) => file,
    );
    expect(referred.length).toBeGreaterThan(0);
    for (const file of referred) expect(secretFiles(LINLAN)).toContain(file);
    expect([...edges.keys()]).toEqual(["qiyun-no1-box-1", "qiyun-shiyan-box-1", "muhe-hepan-box-1"]);
    expect(simulatedDevices(LINLAN, wiring).map(({ key }) => key)).toEqual(devices.map(({ key }) => key));
  });
});

describe("the school day", () => {
  const keys = new Set(devices.map(({ key }) => key));

  test("touches only devices that exist, and what the dictionary knows of them", () => {
    for (const { act } of SCHOOL_DAY.steps) {
      if (act.do === "tell") continue;
      expect(keys).toContain(act.device);
      if (act.do === "set") expect(metricDefinition(act.metric), act.metric).toBeDefined();
      if (act.do === "raise") {
        const fields = Object.keys(eventDefinition(act.event)?.fields ?? {});
        for (const field of Object.keys(act.fields)) expect(fields, act.event).toContain(field);
      }
    }
  });

  test("leaves the world at its end as it found it, so that the next day begins in order", () => {
    const faults = new Map<string, unknown>();
    const bits = new Map<string, unknown>();
    const projectors = new Map<string, unknown>();
    for (const { act } of SCHOOL_DAY.steps) {
      if (act.do === "fault") faults.set(act.device, act.fault);
      if (act.do !== "set") continue;
      if (typeof act.value === "boolean") bits.set(`${act.device} ${act.metric}`, act.value);
      if (act.metric === "Projector/Power") projectors.set(act.device, act.value);
    }
    expect([...faults].filter(([, fault]) => fault !== null)).toEqual([]);
    expect([...bits].filter(([, on]) => on !== false)).toEqual([]);
    expect([...projectors].filter(([, power]) => power !== "off")).toEqual([]);
  });

  test("brings the first reason for an alarm in its first ten seconds", () => {
    const fever = SCHOOL_DAY.steps.find(
      ({ act }) => act.do === "raise" && typeof act.fields.celsius === "number" && act.fields.celsius >= 37.3,
    );
    expect(fever?.at_ms).toBeLessThan(10_000);
  });
});
