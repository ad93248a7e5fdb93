import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { type Address, DeviceId, GOOD } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CommandView } from "../api.ts";
import { COMMAND_MS_MAX } from "../core/command.ts";
import { BUCKET_MS, bucketOf } from "../core/rollup.ts";
import { deviceRow, deviceView, nodeView } from "../core/views.ts";
import { CAMPUS, NODE, sample, swipe } from "../testing/campus.ts";
import { RegistryProjection } from "./registry.ts";

const node: Address = { campus: CAMPUS, node: NODE };
const gate: Address = { ...node, device: DeviceId("gate") };
const GATE = `${CAMPUS}/${NODE}/gate`;
const T = 1_790_000_000_000;

let folder: string;
let projection: RegistryProjection;
let seq: number;

const open = (name = "registry.sqlite") =>
  new RegistryProjection({
    file: join(folder, name),
    campusPath: (campus) => `990100/990102/${campus}`,
    onChange: () => undefined,
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "registry-"));
  projection = open();
  seq = 0;
});
afterEach(() => {
  projection.close();
  rmSync(folder, { recursive: true });
});

function entry(
  kind: DecodedEntry["kind"],
  receivedAt: number,
  more: Partial<DecodedEntry> = {},
): DecodedEntry {
  seq += 1;
  return { seq, receivedAt, kind, samples: [], events: [], presence: [], leftOut: 0, ...more };
}

const live = (
  metric: string,
  value: Parameters<typeof sample>[1],
  eventTime: number,
  historical = false,
) => ({
  ...sample(metric, value, eventTime),
  historical,
});

const births = (): DecodedEntry[] => [
  entry("NBIRTH", T, { address: node, presence: [{ address: node, online: true, at: T }], properties: {} }),
  entry("DBIRTH", T, {
    address: gate,
    presence: [{ address: gate, online: true, at: T }],
    properties: { class: "access-gate", title: { zh: "门", en: "gate" } },
    samples: [
      live("Door/Open", false, T),
      live("Door/Unlocked", false, T),
      live("Connectivity/Failures", 2n ** 60n, T),
    ],
  }),
];

const valueOfDoor = () => projection.registry.devices.get(GATE)?.metrics.get("Door/Open")?.value;

test("after a restart the registry is what it was, to the last value", async () => {
  await projection.project([
    ...births(),
    entry("DDATA", T + 5, { address: gate, samples: [live("Door/Open", true, T + 4)] }),
  ]);
  const shown = () => {
    const { devices, nodes } = projection.registry;
    return [
      [...devices.values()].map(deviceView),
      [...nodes.values()].map(nodeView),
      devices.get(GATE)?.metrics,
    ];
  };
  const before = shown();
  projection.close();
  projection = open();
  expect(shown()).toEqual(before);
  const newest = { seq: 3, receivedAt: T + 5 };
  expect(await projection.checkpoint()).toEqual({ ...newest, again: newest });
  expect(projection.registry.devices.get(GATE)?.metrics.get("Connectivity/Failures")?.value).toBe(2n ** 60n);
});

/** So many values a second that no commit holds all of them. */
const SWITCHES = 60;
const PORTS = 60;

test("a process that is killed has every last value again, and has counted everything once", async () => {
  const switches = Array.from({ length: SWITCHES }, (_, index) => ({
    ...node,
    device: DeviceId(`switch-${index}`),
  }));
  const shown = ({ registry }: RegistryProjection) => [
    new Map([...registry.devices.values()].map(({ key, changed, metrics }) => [key, { changed, metrics }])),
    [...registry.nodes.values()].map(nodeView),
  ];
  const reports = fc.array(
    fc.record({ at: fc.nat(SWITCHES - 1), historical: fc.boolean(), back: fc.nat(5_000) }),
    { minLength: 100, maxLength: 110 },
  );
  await fc.assert(
    fc.asyncProperty(reports, fc.integer({ min: 50, max: 99 }), async (said, killedAfter) => {
      seq = 0;
      const entries = [
        ...births(),
        ...said.map(({ at, historical, back }, index) => {
          const time = T + 25 * index;
          const samples = Array.from({ length: PORTS }, (_, port) =>
            live(`Port/${port}/InOctets`, 1_000 * index + port, time - back, historical),
          );
          const range = { epoch: 1, first: 1 + index * PORTS, last: (1 + index) * PORTS };
          return entry("DDATA", time, { address: switches[at] ?? gate, samples, range });
        }),
      ];
      const crashed = open("crashed.sqlite");
      for (const each of entries.slice(0, killedAfter)) await crashed.project([each]);
      // What lies on the disk when it is killed here.
      for (const suffix of ["", "-wal"])
        if (existsSync(join(folder, `crashed.sqlite${suffix}`)))
          copyFileSync(join(folder, `crashed.sqlite${suffix}`), join(folder, `again.sqlite${suffix}`));
      const again = open("again.sqlite");
      const { again: from } = await again.checkpoint();
      await again.project(entries.filter((each) => each.seq > (from?.seq ?? 0)));
      const whole = open("whole.sqlite");
      await whole.project(entries);
      try {
        expect(shown(again)).toEqual(shown(whole));
        expect(again.rollups.all(T - BUCKET_MS, T + BUCKET_MS)).toEqual(
          whole.rollups.all(T - BUCKET_MS, T + BUCKET_MS),
        );
      } finally {
        for (const each of [crashed, again, whole]) each.close();
        for (const name of ["crashed", "again", "whole"])
          for (const suffix of ["", "-wal", "-shm"])
            rmSync(join(folder, `${name}.sqlite${suffix}`), { force: true });
      }
    }),
    { numRuns: 3, endOnFailure: true },
  );
});

test("a presence that is told again changes nothing", async () => {
  await projection.project(births());
  const again = [{ address: node, online: true, at: T + 9 }];
  await projection.project([entry("NBIRTH", T + 9, { address: node, presence: again, properties: {} })]);
  const [box] = projection.registry.nodes.values();
  expect(box).toMatchObject({ online: true, since: T });
});

test("a device that reports that it is not reachable, and then dies, became unreachable once", async () => {
  const offline = live("Connectivity/Online", false, T + 5);
  const gone = [{ address: gate, online: false, at: T + 6 }];
  const back = [{ address: gate, online: true, at: T + 20 }];
  const seen = () => {
    const device = projection.registry.devices.get(GATE);
    return [device?.health, device?.since];
  };
  await projection.project([
    ...births(),
    entry("DDATA", T + 5, { address: gate, samples: [offline] }),
    entry("DDEATH", T + 7, { address: gate, presence: gone }),
  ]);
  expect(seen()).toEqual(["unreachable", T + 5]);
  await projection.project([
    entry("DBIRTH", T + 20, { address: gate, presence: back, properties: {}, samples: [offline] }),
  ]);
  expect(seen()).toEqual(["unreachable", T + 5]);
  await projection.project([
    entry("DDEATH", T + 21, { address: gate, presence: gone }),
    entry("DBIRTH", T + 30, {
      address: gate,
      presence: back,
      properties: {},
      samples: [live("Connectivity/Online", true, T + 29)],
    }),
  ]);
  expect(seen()[0]).toBe("working");
});

test("an old value from the backlog does not replace a newer one, a live one does whatever its clock says", async () => {
  const data = (value: boolean, time: number, historical: boolean) =>
    entry("DDATA", T + 100, { address: gate, samples: [live("Door/Open", value, time, historical)] });
  await projection.project([...births(), data(true, T + 50, false)]);
  await projection.project([data(false, T + 40, true)]);
  expect(valueOfDoor()).toBe(true);
  await projection.project([data(false, T + 60, true)]);
  expect(valueOfDoor()).toBe(false);
  await projection.project([data(true, T - 1_000_000, false)]);
  expect(valueOfDoor()).toBe(true);
});

test("what was told by a clock a day ahead does not replace what was told after it was set right", async () => {
  const ahead_ms = 86_400_000;
  const open = (value: boolean, time: number, historical: boolean) => [
    entry("DDATA", T + 100, { address: gate, samples: [live("Door/Open", value, time, historical)] }),
  ];
  await projection.project([...births(), ...open(true, T + 50, true)]);
  expect(valueOfDoor()).toBe(true);
  await projection.project(open(false, T + 60 + ahead_ms, true));
  expect(valueOfDoor()).toBe(true);
  // As long as the clock is ahead, what it says is in the order in which it says it.
  await projection.project([
    ...open(false, T + 70 + ahead_ms, false),
    ...open(true, T + 80 + ahead_ms, true),
  ]);
  expect(valueOfDoor()).toBe(true);
});

test("an event counts once, however often and in however many records it is told", async () => {
  const told = (serial: number) =>
    entry("DDATA", T + 1, { address: gate, events: [{ ...swipe(serial, "granted", T), historical: false }] });
  await projection.project([...births(), told(1), told(1), told(2)]);
  projection.close();
  projection = open();
  await projection.project([told(2), told(3)]);
  expect(projection.rollups.all(T - 300_000, T + 300_000)[0]?.counts["access.granted"]).toBe(3);
});

test("what the edge says it gave up is lost and no longer missing", async () => {
  const loss = { count: 20, from: T, to: T + 1, class: "telemetry", reason: "budget" };
  const lost = { event: "Edge/Loss", id: "l1", eventTime: T, quality: GOOD, fields: loss, historical: false };
  const data = (first: number, last: number, more: Partial<DecodedEntry> = {}) =>
    entry("NDATA", T + 1, { address: node, range: { epoch: 1, first, last }, ...more });
  await projection.project([...births(), data(1, 10), data(41, 50)]);
  const shown = () => [...projection.registry.nodes.values()].map((each) => nodeView(each).samples)[0];
  expect(shown()).toEqual({ expected: 50, received: 20, lost: 0 });
  await projection.project([data(51, 51, { events: [lost] })]);
  expect(shown()).toEqual({ expected: 51, received: 21, lost: 20 });
  expect(projection.rollups.all(T - 300_000, T + 300_000)[0]?.counts).toMatchObject({
    "samples.lost": 20,
    // Received with an event time in the range, lost, and ten that are still missing.
    "samples.expected": 1 + 20 + 10,
  });
});

test("a command without an answer is unknown by the journal's clock, and a late answer still settles it", async () => {
  const command: CommandView = {
    id: "c1",
    device: GATE,
    metric: "Door/Unlocked",
    value: true,
    by: "duty",
    state: "requested",
    requestedAt: T,
  };
  await projection.project(births());
  projection.addCommand(command);
  projection.close();
  projection = open();
  await projection.project([entry("CLOCK", T + COMMAND_MS_MAX - 1)]);
  expect(projection.command("c1")?.state).toBe("requested");
  await projection.project([entry("CLOCK", T + COMMAND_MS_MAX)]);
  expect(projection.command("c1")?.state).toBe("unknown");
  const fields = { command: "c1", metric: "Door/Unlocked", state: "confirmed", detail: null };
  const result = {
    event: "Command/Result",
    id: "c1",
    eventTime: T,
    quality: GOOD,
    fields,
    historical: false,
  };
  await projection.project([entry("DDATA", T + COMMAND_MS_MAX + 5, { address: gate, events: [result] })]);
  expect(projection.command("c1")?.state).toBe("confirmed");
});

test("a projector counts as on only while somebody can know it", async () => {
  const projector: Address = { ...node, device: DeviceId("p") };
  const [nbirth] = births();
  if (nbirth === undefined) throw new Error("no births");
  const bucket = Math.floor(T / 300_000) * 300_000;
  await projection.project([
    nbirth,
    entry("DBIRTH", T, {
      address: projector,
      presence: [{ address: projector, online: true, at: T }],
      properties: { class: "projector" },
      samples: [live("Projector/Power", "on", bucket)],
    }),
  ]);
  const gone = [node, projector].map((address) => ({ address, online: false, at: bucket + 400_000 }));
  await projection.project([
    entry("NDEATH", bucket + 400_000, { address: node, presence: gone }),
    entry("CLOCK", T + 9e6),
  ]);
  const seconds = (from: number, to: number) =>
    projection.rollups.all(from, to)[0]?.counts["projector.onSeconds"];
  expect(seconds(bucket, bucket + 3_600_000)).toBe(400);
  expect(seconds(bucket + 300_000, bucket + 600_000)).toBe(100);
});

test("roll-ups outlive the identities of their events, and end in time themselves", async () => {
  const day = 86_400_000;
  const born = births();
  const told = entry("DDATA", T, {
    address: gate,
    events: [{ ...swipe(1, "granted", T), historical: false }],
  });
  await projection.project([...born, told]);
  const granted = () => projection.rollups.all(T - 300_000, T + 300_000)[0]?.counts["access.granted"];
  await projection.project([entry("CLOCK", T + 200 * day)]);
  expect(granted()).toBe(1);
  await projection.project([entry("CLOCK", T + 401 * day)]);
  expect(granted()).toBeUndefined();
});

test("a device in a list of thousands is the same without its metrics, and says when it was heard", async () => {
  await projection.project([
    ...births(),
    entry("DDATA", T + 5, { address: gate, samples: [live("Door/Open", true, T + 4)] }),
  ]);
  const device = projection.registry.devices.get(GATE);
  const view = device && deviceView(device);
  expect(device && deviceRow(device)).toEqual({ ...view, metrics: [] });
  expect(view).toMatchObject({ heardAt: T + 5 });
  expect(view?.metrics).not.toEqual([]);
});

test("a campus that another hub watches is in the roll-ups by what that hub tells, and what it tells again counts once", async () => {
  const told: Address = { ...node, device: DeviceId("told") };
  const start = bucketOf(T);
  const tell = (kind: "DBIRTH" | "DDATA", granted: number, at: number) =>
    entry(kind, at, {
      address: told,
      properties: { class: "hub", path: "990100/990102/linlan-no2" },
      samples: [
        live("Rollup/DevicesRegistered", 400, at),
        live("Rollup/DevicesWorking", 390, at),
        live("Rollup/AccessGranted", granted, start),
        live("Rollup/SamplesReceived", 9, start + BUCKET_MS),
      ],
    });
  const shown = () =>
    projection.rollups.all(start, start + BUCKET_MS).find(({ campus }) => campus === "linlan-no2");
  await projection.project([...births(), tell("DBIRTH", 7, T), tell("DDATA", 12, T + 10)]);
  expect(shown()).toEqual({
    campus: "linlan-no2",
    path: "990100/990102/linlan-no2",
    from: start,
    to: start + BUCKET_MS,
    counts: { "devices.registered": 400, "devices.working": 390, "access.granted": 12 },
  });
  projection.close();
  projection = open();
  expect(shown()?.counts["access.granted"]).toBe(12);
  expect(projection.rollups.happenings("linlan-no2", start, start + 2 * BUCKET_MS)["samples.received"]).toBe(
    9,
  );
});
