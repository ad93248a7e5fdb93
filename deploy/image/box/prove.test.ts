/** What a box keeps and tells from one start to the next, in files of its own; systemd and RAUC are a box's (`npm run image -- trial`). */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Memory, Running, State } from "./core/contract.ts";
import type { Findings } from "./core/proof.ts";
import { keep, readMemory, runningOf } from "./memory.ts";
import { Places } from "./places.ts";
import { prove } from "./prove.ts";

const AT = "2026-11-22T03:25:00.000Z";
const OLD = { slot: "A", version: "0.1.0" } as const;
const NEW = { slot: "B", version: "0.2.0" } as const;
const GOOD: Findings = {
  uptime_ms: 90_000,
  agent_ms: 70_000,
  agentRestarts: 0,
  isDiskWritable: true,
  hasBroker: true,
};

let folder: string;
let places: Places;
let marks: string[];
let restarts: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "box-"));
  places = new Places(folder);
  marks = [];
  restarts = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const after = (state: State, more: Partial<Memory> = {}): void =>
  keep(places, {
    update: { state, running: OLD, target: NEW.version, at: AT },
    into: "B",
    hadBroker: true,
    ...more,
  });

/** A start into `running`; it finds one of `findings` after the other. */
async function start(running: Running, ...findings: readonly Findings[]): Promise<void> {
  const left = [...findings];
  await prove({
    rauc: {
      info: () => ({ isDone: false, text: "" }),
      install: async () => ({ isDone: false, text: "" }),
      mark: (as, which) => {
        marks.push(`${as} ${which}`);
        return { isDone: true, text: "" };
      },
    },
    running,
    memory: () => readMemory(places),
    keep: (memory) => keep(places, memory),
    now: () => AT,
    find: async () => left.shift() ?? GOOD,
    pause: async () => undefined,
    restart: () => {
      restarts += 1;
    },
    say: () => undefined,
  });
}

const told = (): unknown => JSON.parse(readFileSync(places.told, "utf8"));

test("a box that was never updated tells that it is idle, and is good", async () => {
  await start(OLD);
  expect(told()).toEqual({ state: "idle", running: OLD, at: AT });
  expect(marks).toEqual(["good booted"]);
});

test("a new system is on trial, and then the box's", async () => {
  after("restarting");
  await start(NEW, { ...GOOD, hasBroker: undefined }, { ...GOOD, hasBroker: false }, GOOD);
  expect(told()).toEqual({ state: "done", running: NEW, target: "0.2.0", at: AT });
  expect(marks).toEqual(["good booted"]);
});

test("a new system without a broker gives itself up, and the old one says why", async () => {
  after("restarting");
  await start(NEW, { ...GOOD, hasBroker: false, uptime_ms: 600_000 });
  expect(marks).toEqual(["bad booted"]);
  expect(restarts).toBe(1);
  await start(OLD);
  expect(told()).toMatchObject({ state: "rolled-back", code: "broker-unreachable", running: OLD });
  expect(marks).toEqual(["bad booted", "bad other", "good booted"]);
  // It is told for as long as nothing else comes.
  await start(OLD);
  expect(told()).toMatchObject({ state: "rolled-back", code: "broker-unreachable" });
});

test("a system that ran before is good as it is: nothing is asked of it at a later start", async () => {
  after("done", { into: "B" });
  await start(NEW, { ...GOOD, agent_ms: undefined, uptime_ms: 600_000 });
  expect(marks).toEqual(["good booted"]);
  expect(restarts).toBe(0);
});

test("what is remembered is nobody's to read, what is told is everybody's, and a torn memory is none", async () => {
  after("waiting");
  expect(statSync(places.memory).mode & 0o777).toBe(0o600);
  expect(statSync(places.told).mode & 0o777).toBe(0o644);
  writeFileSync(places.memory, '{"update":{"sta');
  expect(readMemory(places)).toBeUndefined();
  await start(OLD);
  expect(told()).toMatchObject({ state: "idle" });
});

test("a data partition that takes no writes keeps nobody from telling, nor from giving up", async () => {
  after("restarting");
  const memory = readMemory(places);
  rmSync(dirname(places.memory), { recursive: true });
  // Where its folder should be lies a file: no right helps root against that.
  writeFileSync(dirname(places.memory), "");
  await prove({
    rauc: {
      info: () => ({ isDone: false, text: "" }),
      install: async () => ({ isDone: false, text: "" }),
      mark: (as, which) => {
        marks.push(`${as} ${which}`);
        return { isDone: true, text: "" };
      },
    },
    running: NEW,
    memory: () => memory,
    keep: (each) => keep(places, each),
    now: () => AT,
    find: async () => ({ ...GOOD, isDiskWritable: false, uptime_ms: 600_000 }),
    pause: async () => undefined,
    restart: () => {
      restarts += 1;
    },
    say: () => undefined,
  });
  expect(told()).toMatchObject({ state: "proving", running: NEW });
  expect([marks, restarts]).toEqual([["bad booted"], 1]);
});

test("the slot is read from the kernel's arguments, and a box that was started by something else says so", () => {
  mkdirSync(join(folder, "proc"));
  mkdirSync(dirname(places.image), { recursive: true });
  writeFileSync(
    places.image,
    JSON.stringify({ compatible: "campus-ops-edge-amd64", version: "0.2.0", built: AT }),
  );
  writeFileSync(places.kernelArguments, "BOOT_IMAGE=/boot/vmlinuz ro rauc.slot=B quiet\n");
  expect(runningOf(places)).toEqual(NEW);
  writeFileSync(places.kernelArguments, "ro quiet\n");
  expect(() => runningOf(places)).toThrow("was not started by the image's GRUB");
  expect(existsSync(places.told)).toBe(false);
});
