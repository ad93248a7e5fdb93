import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleToMetric } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { AgingClock } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, expect, test } from "vitest";
import { machineClock } from "./clock.ts";
import { BoxClock } from "./core/box-clock.ts";
import { Outbox } from "./outbox/outbox.ts";
import { lossRecord } from "./reports.ts";
import { startAedes } from "./testing/brokers.ts";
import { recordOf } from "./testing/records.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "./testing/test-agent.ts";
import { TestHost } from "./testing/test-host.ts";

const GATE = "access-gate/generic-modbus-controller";
const DAY = 86_400_000;
const BUILT = Date.now() - 400 * DAY;
const closing: (() => unknown)[] = [];

function owned<T>(thing: T, end: (thing: T) => unknown): T {
  closing.push(() => end(thing));
  return thing;
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test("a box that wakes up in 1970 learns the time from its hub, and its records arrive with the time they really had", async () => {
  const profile = findProfile(GATE);
  if (profile === undefined) throw new Error("no gate profile");
  const gate = owned(await startSimulator(profile), (each) => each.close());
  const broker = owned(await startAedes(), (each) => each.stop());
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const settings = { ...configuration(broker.url, [device("gate-1", GATE, gate.url)]), primaryHost: "hub" };
  let keepEra: Outbox["keepEra"] = () => undefined;
  const clock = new BoxClock(
    () => ({ wall: performance.now(), uptime_ms: performance.now(), synchronised: undefined }),
    BUILT,
    (change) => {
      if (change.kind === "trusted") keepEra(change.era);
    },
  );
  const agent = owned(startAgent(settings, folder.path, clock), (each) => each.stop());
  keepEra = (era) => agent.outbox.keepEra(era);
  const began = Date.now();
  gate.raise("Access/Swipe", {
    serial: 1,
    credential: "A00001",
    result: "granted",
    reason: "none",
    direction: "in",
  });
  const swipeWaits = () =>
    agent.outbox.next(100, new Map(), ["access"]).some(({ metrics }) => metrics.length > 0);
  await expect.poll(swipeWaits, { timeout: 10_000 }).toBe(true);

  // The first command of a host that knows the time tells it; nothing of the backlog has gone out before.
  const hub = owned(
    await TestHost.start({
      campus: CAMPUS,
      node: NODE,
      url: broker.url,
      id: "hub",
      acknowledges: () => true,
    }),
    (each) => each.stop(),
  );
  const online = () =>
    hub.arrivals.flatMap(({ samples }) => samples.filter(({ metric }) => metric === "Edge/ClockTrusted"));
  await hub.until(() => online().some(({ value, quality }) => value === true && quality.status === "good"));
  const sound = hub.arrivals.flatMap(({ samples }) =>
    samples.filter(({ metric, quality }) => metric === "Connectivity/RoundTrip" && quality.status === "good"),
  );
  expect(clock.instant().untrusted).toBeUndefined();
  expect(Math.abs(clock.instant().wall - Date.now())).toBeLessThan(5_000);
  for (const { eventTime } of sound) expect(eventTime).toBeGreaterThanOrEqual(began - 60_000);
}, 30_000);

test("what waited while the time was unknown is sent corrected, with the original beside it, after a restart too", async () => {
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const open = (): Outbox => {
    const options = { file: join(folder.path, "outbox.sqlite"), bytesMax: 1 << 30, daysMax: 90, lossRecord };
    return owned(
      new Outbox({
        ...options,
        now: () => BUILT,
        onTrouble: (message) => {
          throw new Error(message);
        },
      }),
      (each) => each.close(),
    );
  };
  const before = open();
  const doubtful = { status: "uncertain", reason: "edge-clock" } as const;
  const sample = { metric: "Door/Open", value: true, quality: doubtful, eventTime: BUILT + 5_000 };
  await before.append([
    { device: "gate-1", dataClass: "access", metrics: [sampleToMetric(sample)] },
    recordOf("gate-1", "access", { "Door/Open": false }, BUILT + 6_000),
  ]);
  before.keepEra({ from: BUILT, to: BUILT + 10_000, by_ms: 300 * DAY });
  before.close();
  const [corrected, other] = open().next(10, new Map());
  expect(corrected?.from).toBe(BUILT + 5_000 + 300 * DAY);
  expect(corrected?.metrics[0]).toMatchObject({
    timestamp: BUILT + 5_000 + 300 * DAY,
    properties: { DeviceTime: { value: BUILT + 5_000 } },
  });
  expect(corrected?.metrics[0]?.properties).not.toHaveProperty("Quality");
  expect(other?.from).toBe(BUILT + 6_000);
});

test("timesyncd is asked whether it has heard a server, and nobody is where it does not run", () => {
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const state = join(folder.path, "timesync");
  expect(machineClock(state)().synchronised).toBeUndefined();
  mkdirSync(state);
  expect(machineClock(state)().synchronised).toBe(false);
  writeFileSync(join(state, "synchronized"), "");
  expect(machineClock(state)().synchronised).toBe(true);
});

test("a clock that jumps a year ahead makes no record too old, and one that has run for a day does", async () => {
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const aging = new AgingClock(undefined);
  const time = { wall: BUILT, uptime_ms: 0 };
  aging.at(time.wall, time.uptime_ms);
  const outbox = owned(
    new Outbox({
      file: join(folder.path, "outbox.sqlite"),
      bytesMax: 1 << 30,
      daysMax: 90,
      now: () => time.wall,
      ageNow: () => aging.at(time.wall, time.uptime_ms),
      lossRecord,
      onTrouble: (message) => {
        throw new Error(message);
      },
    }),
    (each) => each.close(),
  );
  await outbox.append([recordOf("gate-1", "access", { "Door/Open": false }, BUILT)]);
  time.wall += 365 * DAY;
  time.uptime_ms += 600_000;
  outbox.expire();
  expect(outbox.next(10, new Map()).map(({ device: id }) => id)).toEqual(["gate-1"]);
  time.uptime_ms += 4 * DAY;
  outbox.expire();
  expect(outbox.next(10, new Map()).map(({ device: id }) => id)).toEqual([""]);
});
