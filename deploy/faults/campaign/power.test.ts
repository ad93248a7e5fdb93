/**
 * The power of a machine is cut while it works, and its disk forgets what was not flushed: a virtual machine
 * (deploy/faults/power) with a box's outbox and a hub's journal; the hub at the other end of the line goes on.
 * `CAMPUS_OPS_POWER_CUTS` says how often.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { bundle } from "../../packages/bundle.ts";
import { installPeers } from "../../testing/install-peers.ts";
import { GATE, type LoadEdgeOptions, sourceIds } from "../../testing/load/load-edge.ts";
import { LoadHub } from "../../testing/load/load-hub.ts";
import type { LoadPlan } from "../../testing/load/load-plan.ts";
import { random, seedOf } from "../../testing/random.ts";
import { tell } from "../outcome.ts";
import { ForgetfulDisk } from "../power/disk.ts";
import { debianKernel } from "../power/kernel.ts";
import { Machine } from "../power/machine.ts";
import type { Finish, Found, Said, Settings } from "../power/said.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const CUTS = Number(process.env.CAMPUS_OPS_POWER_CUTS ?? 3);
const NODE = "box-1";
const SOURCES = 4;
const PORTS = 10;
const DISK_BYTES = 2 * 2 ** 30;
/** From power to work, where QEMU plays the processor and the machine has other work. */
const START_MS_MAX = 600_000;
/** How much a machine has said to be durable when its power goes, however fast it is; and how long after that. */
const SAID_MAX = 600;
const AFTER_MS_MAX = 100;
/** One machine in so many does not get to work: its power goes while it recovers from the cut before. */
const CUT_EARLY = 5;
const SETTLE_S_MAX = 900;
const TIMEOUT_MS = START_MS_MAX + SETTLE_S_MAX * 1_000 + CUTS * 300_000;

/** So fast, and without an end: that is said when there were cuts enough. */
const ENDLESS: LoadPlan = {
  sources: SOURCES,
  numbers: Number.MAX_SAFE_INTEGER,
  refusals: Number.MAX_SAFE_INTEGER,
  recordsPerS: 100,
  refusalsPerS: 2,
};

test(`after ${CUTS} power cuts outbox and journal hold what they had called durable, and the hub has it once`, {
  timeout: TIMEOUT_MS,
}, async () => {
  const seed = seedOf(process.env.CAMPUS_OPS_SEED);
  console.log(`CAMPUS_OPS_SEED=${seed}`);
  const chance = random(seed);
  installPeers([{ needs: "qemu-system-x86_64", package: "qemu-system-x86" }]);
  const kernel = debianKernel();
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-power-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const from = join(ROOT, "deploy/faults/power");
  await bundle({ from, programs: ["program.ts"], external: [], to: folder });
  const hub = await LoadHub.start([NODE]);
  onTestFinished(() => hub.stop());

  const size = { sources: SOURCES, ports: PORTS, since: Date.now(), step_ms: 10 };
  const url = `mqtt://10.0.2.2:${hub.process.mqttPort}`;
  const edge: LoadEdgeOptions = { ...hub.edge(NODE, size, url), folder: "/mnt/box" };
  const disk = new ForgetfulDisk(DISK_BYTES);
  const options = {
    ...{ kernel, disk, folder, program: join(folder, "program.js") },
    settings: { edge, plan: ENDLESS, journal: "/mnt/journal" } satisfies Settings,
  };
  /** The most that was said to be durable. */
  const durable = new Map([...sourceIds(SOURCES), GATE].map((source): [string, number] => [source, 0]));
  let appended = 0;
  let forgotten = 0;
  const back: number[] = [];
  let machine: Machine<Settings, Said> | undefined;
  const switchOn = async (first = false): Promise<Machine<Settings, Said>> => {
    machine = await Machine.start<Settings, Said>({ ...options, first });
    return machine;
  };
  const cut = async (): Promise<void> => {
    for (const said of machine?.said.all ?? []) {
      if ("kept" in said) durable.set(said.kept[0], Math.max(said.kept[1], durable.get(said.kept[0]) ?? 0));
      if ("appended" in said) appended = said.appended;
      if ("wrong" in said) throw new Error(said.wrong);
    }
    forgotten += (await machine?.cutPower(chance)) ?? 0;
    machine = undefined;
  };
  onTestFinished(async () => void (await machine?.cutPower(chance)));

  const begin = async (first = false): Promise<Machine<Settings, Said>> => {
    const at = performance.now();
    const started = await switchOn(first);
    const found = await foundBy(started);
    back.push((performance.now() - at) / 1_000);
    for (const [source, count] of durable)
      expect(found.counts[source], `what the outbox had kept of ${source}`).toBeGreaterThanOrEqual(count);
    expect(found.journal, "what the journal had appended").toBeGreaterThanOrEqual(appended);
    console.log(
      `work after ${back.at(-1)?.toFixed(1)} s; journal ${found.journal}, of which told ${appended}`,
    );
    return started;
  };
  for (let cuts = 0; cuts < CUTS; cuts += 1) {
    if (cuts > 0 && chance() * CUT_EARLY < 1) {
      await switchOn();
      await wait(chance() * Math.min(...back) * 1_000);
    } else {
      const { said } = await begin(cuts === 0);
      const enough = said.all.length + Math.ceil(chance() * SAID_MAX);
      await said.until("it works", () => said.all.length >= enough, { milliseconds: START_MS_MAX });
      await wait(chance() * AFTER_MS_MAX);
    }
    await cut();
  }

  const last = await begin();
  const [numbers, refusals] = [Math.max(...durable.values()) + 1_000, (durable.get(GATE) ?? 0) + 100];
  const plan = { ...ENDLESS, numbers, refusals };
  last.tell({ finish: plan } satisfies Finish);
  await heard(last, "the box has handed over", (said) => "drained" in said);
  const samples = numbers * SOURCES * PORTS;
  expect(await hub.account(edge, plan)).toEqual({
    journal: { samples, refusals, wrong: [] },
    store: { points: samples },
    alarms: { raised: refusals, wrong: [] },
  });
  await cut();
  // Cuts that no disk had noticed would have proven nothing.
  expect(forgotten).toBeGreaterThan(0);
  console.log(
    `${CUTS} cuts; ${numbers * SOURCES} records, ${appended} entries, ${forgotten} sectors forgotten`,
  );
  const outcome = { fault: `power cut ${CUTS} times`, lost: 0, doubled: 0, recovered_s: Math.max(...back) };
  tell({ ...outcome, part: "machine with an outbox and a journal" });
});

async function foundBy(machine: Machine<Settings, Said>): Promise<Found> {
  const said = await heard(machine, "outbox and journal are open", (each) => "found" in each);
  if (!("found" in said)) throw new Error(JSON.stringify(said));
  return said.found;
}

/** What is said by then; a machine that ends by itself, or finds something wrong, says no more. */
async function heard(machine: Machine<Settings, Said>, what: string, matches: (said: Said) => boolean) {
  const ended = machine.ended().then(() => {
    throw new Error(`the machine ended before ${what}:\n${machine.console}`);
  });
  ended.catch(() => undefined);
  const isWrong = (said: Said): boolean => "wrong" in said;
  const until = machine.said.until(what, (said) => matches(said) || isWrong(said), {
    milliseconds: START_MS_MAX,
  });
  const said = await Promise.race([until, ended]);
  if ("wrong" in said) throw new Error(said.wrong);
  return said;
}
