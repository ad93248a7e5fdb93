/** Devices that were taken out of their edge box's configuration, and put back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecodedEntry } from "@campus-ops/broker/journal";
import { type Address, DeviceId, NodeId, ROSTER } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceView } from "../core/views.ts";
import { CAMPUS, NODE, sample } from "../testing/campus.ts";
import { RegistryProjection } from "./registry.ts";

const T = 1_790_000_000_000;
const box: Address = { campus: CAMPUS, node: NODE };
const other: Address = { campus: CAMPUS, node: NodeId("box-2") };
const device = (id: string, of = box): Address => ({ ...of, device: DeviceId(id) });

let folder: string;
let projection: RegistryProjection;
let seq: number;

const open = () =>
  new RegistryProjection({
    file: join(folder, "registry.sqlite"),
    campusPath: (campus) => `990100/990102/${campus}`,
    onChange: () => undefined,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "retired-devices-"));
  projection = open();
  seq = 0;
  await projection.project([
    boxBorn(T, "gate projector"),
    deviceBorn(T, device("gate")),
    deviceBorn(T, device("projector"), [sample("Projector/Power", "on", T)]),
    boxBorn(T, undefined, other),
    deviceBorn(T, device("gate", other)),
  ]);
});
afterEach(() => {
  projection.close();
  rmSync(folder, { recursive: true });
});

const entry = (kind: DecodedEntry["kind"], at: number, more: Partial<DecodedEntry>): DecodedEntry => {
  seq += 1;
  return { seq, receivedAt: at, kind, samples: [], events: [], presence: [], leftOut: 0, ...more };
};

const live = (each: ReturnType<typeof sample>, historical = false) => ({ ...each, historical });

function boxBorn(at: number, roster: string | undefined, address = box): DecodedEntry {
  const samples = roster === undefined ? [] : [live(sample(ROSTER, roster, at - 20))];
  return entry("NBIRTH", at, {
    address,
    presence: [{ address, online: true, at }],
    properties: {},
    samples,
  });
}

const told = (at: number, roster: string, historical = false): DecodedEntry =>
  entry("NDATA", at, { address: box, samples: [live(sample(ROSTER, roster, at - 20), historical)] });

function deviceBorn(at: number, address: Address, samples: ReturnType<typeof sample>[] = []): DecodedEntry {
  const deviceClass = address.device === "projector" ? "projector" : "access-gate";
  return entry("DBIRTH", at, {
    address,
    presence: [{ address, online: true, at }],
    properties: { class: deviceClass, title: { zh: "设备", en: `${address.device}` } },
    samples: samples.map((each) => live(each)),
  });
}

const died = (at: number, address: Address): DecodedEntry =>
  entry("DDEATH", at, { address, presence: [{ address, online: false, at }] });

const health = (): readonly string[] =>
  [...projection.registry.devices.values()].map(({ key, health: its, since }) => {
    return `${key.slice(CAMPUS.length + 1)} ${its} ${since - T}`;
  });
const counts = (at: number) => projection.rollups.all(T, at)[0]?.counts;

test("a device that its box names no more is retired from the moment the box says, and missing from no figure", async () => {
  await projection.project([told(T + 1_000, "gate"), died(T + 2_000, device("projector"))]);
  expect(health()).toEqual(["box-1/gate working 0", "box-1/projector retired 980", "box-2/gate working 0"]);
  expect(counts(T + 60_000)).toMatchObject({
    "devices.registered": 2,
    "devices.working": 2,
    "devices.unreachable": 0,
  });
  // What it was is still told, and it was on until then.
  const view = [...projection.registry.devices.values()].map(deviceView)[1];
  expect(view).toMatchObject({ class: "projector", health: "retired", since: T + 980 });
  await projection.project([entry("CLOCK", T + 600_000, {})]);
  expect(counts(T + 600_000)).toMatchObject({ "projector.onSeconds": 1 });
});

test("a box that comes back without a device retires it; it stays so whatever happens to the box, and over a restart", async () => {
  const away = [box, device("gate"), device("projector")].map((address) => ({
    address,
    online: false,
    at: T + 5,
  }));
  await projection.project([
    entry("NDEATH", T + 5, { address: box, presence: away }),
    boxBorn(T + 1_000, "gate"),
    deviceBorn(T + 1_001, device("gate")),
    entry("NDEATH", T + 2_000, { address: box, presence: away.slice(0, 2) }),
  ]);
  const seen = ["box-1/gate stale 5", "box-1/projector retired 980", "box-2/gate working 0"];
  expect(health()).toEqual(seen);
  projection.close();
  projection = open();
  expect(health()).toEqual(seen);
});

test("what a retired device still had to say is taken, and changes neither what it was nor that it is retired", async () => {
  const late = live(sample("Projector/LampHours", 700, T + 500), true);
  await projection.project([
    told(T + 1_000, "gate"),
    entry("DBIRTH", T + 1_001, {
      address: device("projector"),
      presence: [{ address: device("projector"), online: true, at: T + 1_001 }],
      properties: {},
    }),
    entry("DDATA", T + 1_002, { address: device("projector"), samples: [late] }),
  ]);
  expect(health()[1]).toBe("box-1/projector retired 980");
  const retired = [...projection.registry.devices.values()][1];
  expect(retired?.class).toBe("projector");
  expect(retired?.metrics.get("Projector/LampHours")?.value).toBe(700);
});

test("a device that returns is the one that it was", async () => {
  await projection.project([told(T + 1_000, "gate"), died(T + 2_000, device("projector"))]);
  await projection.project([told(T + 5_000, "gate projector"), deviceBorn(T + 5_001, device("projector"))]);
  expect(health()[1]).toBe("box-1/projector working 5001");
  expect(projection.registry.devices.size).toBe(3);
  expect(counts(T + 60_000)?.["devices.registered"]).toBe(3);
});

test("where a box names nobody any more, a device is back as soon as it is born with what it is", async () => {
  await projection.project([told(T + 1_000, "gate"), boxBorn(T + 2_000, undefined)]);
  expect(health()[1]).toBe("box-1/projector retired 980");
  await projection.project([deviceBorn(T + 2_001, device("projector"))]);
  expect(health()[1]).toBe("box-1/projector working 2001");
});

test("a list from the past says nothing of now", async () => {
  await projection.project([told(T + 1_000, "", true)]);
  expect(health().join()).not.toContain("retired");
});
