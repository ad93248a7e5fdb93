/** The demonstration, as a newcomer starts it: real devices' protocols at one end, alarms and roll-ups at the other. */

import type { AlarmView, RollupView } from "@campus-ops/dashboards/api";
import { ancestorAt, EMPTY_ROLLUP, foldRollups } from "@campus-ops/device-profiles/vocabulary";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LINLAN } from "../simulators/city/linlan.ts";
import { devicesOf } from "../simulators/city/plan.ts";
import { AlarmFeed, ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { HubProcess } from "../testing/hub-process.ts";

/** From `ready` to the first alarm, as the product promises. */
const FIRST_ALARM_MS_MAX = 30_000;

let hub: HubProcess;
let api: ApiClient;
let feed: AlarmFeed;
let first: AlarmView;

beforeAll(async () => {
  hub = await HubProcess.start();
  await hub.ready();
  api = new ApiClient(hub.url);
  feed = await new AlarmFeed(hub.url).listening();
  first = await eventually("the first alarm", async () => (await api.alarms())[0], FIRST_ALARM_MS_MAX);
});
afterAll(async () => {
  feed?.close();
  expect(await hub?.stop()).toBe(0);
});

describe("the demonstration city", () => {
  test("raises its first alarm soon after it is ready", () => {
    expect(first.device.campus).toMatch(/^(qiyun-no1|qiyun-shiyan|muhe-hepan)$/);
  });

  test("sees all devices of every class it has, working, behind three edge boxes", async () => {
    const { devices, nodes } = await eventually("all devices working", async () => {
      const list = await api.devices();
      const working = list.devices.filter(({ health }) => health === "working");
      return working.length >= 60 ? list : undefined;
    });
    const classes = new Set(devices.map((device) => device.class));
    for (const { profile } of devicesOf(LINLAN)) expect(classes).toContain(profile.split("/")[0]);
    // Beside the boxes the hub is a node of its own.
    expect(nodes.filter(({ key, online }) => online && !key.startsWith("hub/"))).toHaveLength(3);
  });

  test("has an alarm for what happened, and none for what did not", async () => {
    const repeated = await feed.alarms.until(
      "the card that is refused five times",
      ({ rule }) => rule.endsWith("credential-refused-repeatedly"),
      { milliseconds: 90_000 },
    );
    expect(repeated.device.key).toBe("qiyun-shiyan/box-1/gate-main");
    // Hundreds of doors opened with a card by now, and nobody forced one.
    const forced = (await api.alarms()).filter(({ rule }) => rule.endsWith("door-forced"));
    expect(forced.filter(({ device }) => device.key.endsWith("gate-main"))).toEqual([]);
  });

  test("traces every alarm to readings of devices in the journal", async () => {
    const alarms = await api.alarms();
    expect(alarms.length).toBeGreaterThan(0);
    const keys = new Set((await api.devices()).devices.map(({ key }) => key));
    for (const { id } of alarms) {
      const detail = await api.alarm(id);
      expect(detail.evidence.length, `${detail.rule} of ${detail.device.key}`).toBeGreaterThan(0);
      for (const { device, journalSeq } of detail.evidence) {
        expect(keys).toContain(device);
        expect(journalSeq).toBeGreaterThan(0);
      }
      expect(detail.explanation.zh).not.toBe("");
    }
  });

  test("shows at county and city the fold of their campuses", async () => {
    const to = Date.now();
    const city = await api.rollups(to - 3_600_000, to);
    expect(city.level).toBe("city");
    const check = (view: RollupView): void => {
      if (view.level === "campus") return;
      const fold = foldRollups(view.children.map(({ counts }) => counts));
      expect({ ...EMPTY_ROLLUP, ...view.counts }, view.path).toEqual(fold);
      view.children.forEach(check);
    };
    check(city);
    expect(city.children.map(({ level }) => level)).toEqual(["county", "county"]);
    // The hub's own services are watched like devices, and are none.
    const { devices } = await api.devices();
    const registered = devices.filter((device) => device.class !== "service");
    expect(city.counts["devices.registered"]).toBe(registered.length);
    expect(city.counts["access.granted"]).toBeGreaterThan(0);
    expect(city.completeness).toBeGreaterThan(0);
  });

  test("every campus lies where its county is", async () => {
    const { devices } = await api.devices();
    const counties = new Map(devices.map(({ campus, path }) => [campus, ancestorAt(path, "county")]));
    expect(Object.fromEntries(counties)).toEqual({
      "qiyun-no1": "990100/990102",
      "qiyun-shiyan": "990100/990102",
      "muhe-hepan": "990100/990121",
    });
  });
});

describe("a switch that fails", () => {
  const SWITCH = "muhe-hepan/box-1/switch-a";

  test("is one alarm, with what hangs from it as its symptoms, and everything returns", async () => {
    const control = new SimulatorControl(hub.private_("simulators"));
    await control.schoolDay(false);
    await control.fault(SWITCH, "down");
    const cause = await eventually(
      "the switch's alarm with its symptoms",
      async () =>
        (await api.alarms("active")).find(({ device, symptoms }) => device.key === SWITCH && symptoms > 0),
      120_000,
    );
    const symptoms = (await api.alarms("active")).filter(({ causeId }) => causeId === cause.id);
    expect(symptoms.length).toBe(cause.symptoms);
    for (const { device } of symptoms) expect(device.campus).toBe("muhe-hepan");

    await control.fault(SWITCH, null);
    await eventually(
      "every device of the campus works again",
      async () => {
        const { devices } = await api.get<{ devices: { campus: string; health: string }[] }>(
          "/api/v1/devices",
        );
        const away = devices.filter(({ campus, health }) => campus === "muhe-hepan" && health !== "working");
        return away.length === 0 ? true : undefined;
      },
      180_000,
    );
    await control.schoolDay(true);
  });
});
