/** The campaign: every fault that is promised to be survived, by name, and where a short form of it runs in `npm test`. */

/** What is to be injected; docs/reliability.md promises each. */
export const KINDS = {
  simulation: "simulation with an invented clock, network, disk and chance",
  kill: "`kill -9` of every part at random instants, under load",
  network: "bad networks between the parts",
  disk: "full disks",
  clock: "clocks that are wrong, and clocks that are put right",
  offline: "72 hours offline, and the return of one edge and of 200",
  overload: "ten times the sustained load",
  malformed: "malformed input on every port",
  hostile: "hostile clients",
  power: "power cuts",
  told: "the operator is told within a minute",
} as const;

export type Kind = keyof typeof KINDS;

export interface Scenario {
  readonly kind: Kind;
  readonly title: string;
  /** Test files, from the root; or a benchmark, whose figures say whether they are met. */
  readonly run: { readonly tests: readonly string[] } | { readonly bench: string };
  /** What makes it longer than in `npm test`; what is set already wins. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What it asserts of everything that was acknowledged, where it counts. */
  readonly asserts: string;
  /** The short form that `npm test` runs. */
  readonly inTests: readonly string[];
}

const COUNTED = "nothing lost, nothing doubled";

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  simulation: {
    kind: "simulation",
    title:
      "10,000 worlds with loss, duplication, reordering, partitions and crashes that lose what was not synced",
    run: { tests: ["deploy/simulation/simulation.test.ts"] },
    environment: { SIMULATION_SEEDS: "10000" },
    asserts: "every invariant in every world",
    inTests: ["deploy/simulation/simulation.test.ts"],
  },
  kill: {
    kind: "kill",
    title:
      "edge, broker, ingest and rules killed in turn for five minutes of 5,000 samples/s and 10 alarms/s",
    run: { tests: ["deploy/e2e/kill-under-load.test.ts"] },
    environment: { CAMPUS_OPS_KILL_SECONDS: "300" },
    asserts: COUNTED,
    inTests: ["deploy/e2e/kill-under-load.test.ts", "deploy/e2e/kill.test.ts"],
  },
  "scale-out": {
    kind: "kill",
    title:
      "rules workers killed, and stopped for longer than their lease and woken up, three times each, while alarms are raised and acknowledged; ingest workers killed under boxes that report; a person at the console over them, which is killed as well",
    run: {
      tests: [
        "deploy/faults/campaign/scale-out.test.ts",
        "deploy/faults/campaign/scale-out-ingest.test.ts",
        "deploy/faults/campaign/scale-out-console.test.ts",
      ],
    },
    environment: { CAMPUS_OPS_TAKE_OVERS: "3" },
    asserts: "every alarm once, and everything that a person was told is done",
    inTests: ["deploy/service/workers/ledger.test.ts"],
  },
  network: {
    kind: "network",
    title:
      "reset, half-open, black hole, 10 % loss, slow drip and latency between edge and broker, 90 s of each",
    run: { tests: ["deploy/e2e/bad-network.test.ts"] },
    environment: { CAMPUS_OPS_FAULT_SECONDS: "90" },
    asserts: COUNTED,
    inTests: ["deploy/e2e/bad-network.test.ts"],
  },
  cable: {
    kind: "network",
    title: "the edge's cable pulled five times until the hub has noticed",
    run: { tests: ["deploy/e2e/cut-cable.test.ts"] },
    environment: { CAMPUS_OPS_CUTS: "5" },
    asserts: COUNTED,
    inTests: ["deploy/e2e/cut-cable.test.ts"],
  },
  federation: {
    kind: "network",
    title: "the line between campus and county cut five times, and parts killed meanwhile",
    run: { tests: ["deploy/e2e/federation.test.ts"] },
    environment: { CAMPUS_OPS_CUTS: "5" },
    asserts: "the county has every alarm and count once, and no name, card or face",
    inTests: ["deploy/e2e/federation.test.ts"],
  },
  disk: {
    kind: "disk",
    title: "outbox, journal, registry, store and rules on a disk that is filled and emptied",
    run: {
      tests: [
        "broker/journal/disk-full.test.ts",
        "ingest/disk-full.test.ts",
        "ingest/projections/disk-full.test.ts",
        "rules/feed/disk-full.test.ts",
        "edge-agent/outbox",
      ],
    },
    asserts: COUNTED,
    inTests: ["ingest/disk-full.test.ts", "rules/feed/disk-full.test.ts"],
  },
  clock: {
    kind: "clock",
    title: "boxes that start in 1970 or a day off and are put right, devices whose clocks jump or stand",
    run: {
      tests: [
        "edge-agent/core/box-clock.test.ts",
        "edge-agent/drivers/fault-round-trip.test.ts",
        "broker/sparkplug/host-clock.test.ts",
      ],
    },
    asserts: "every event at its own time, or marked as doubtful",
    inTests: ["edge-agent/core/box-clock.test.ts"],
  },
  return: {
    kind: "offline",
    title: "500,000 records of backlog drain while a new alarm overtakes them; 200 edges return at once",
    run: { tests: ["deploy/e2e/return.test.ts", "deploy/e2e/returning-edges.test.ts"] },
    environment: { CAMPUS_OPS_OFFLINE_RECORDS: "500000", CAMPUS_OPS_EDGE_RECORDS: "1500" },
    asserts: COUNTED,
    inTests: ["deploy/e2e/return.test.ts", "deploy/e2e/returning-edges.test.ts"],
  },
  overload: {
    kind: "overload",
    title: "ten times what the hub sustains, for ten minutes",
    run: { bench: "hub" },
    asserts: "no alarm lost or doubled, what edges give up is booked, memory below 1 GB a process",
    inTests: ["deploy/e2e/returning-edges.test.ts"],
  },
  fuzz: {
    kind: "malformed",
    title: "a million random and mutated inputs for whatever reads bytes",
    run: { tests: ["deploy/fuzz/fuzz.test.ts", "deploy/fuzz/webhook-answers.test.ts"] },
    environment: { CAMPUS_OPS_FUZZ_CASES: "1000000" },
    asserts: "nothing but its own errors, and an end",
    inTests: ["deploy/fuzz/fuzz.test.ts", "deploy/fuzz/webhook-answers.test.ts"],
  },
  ports: {
    kind: "malformed",
    title:
      "100,000 random and mutated inputs for the ports of broker, console, enrolment and edge agent, traps and notices among them",
    run: { tests: ["deploy/faults/campaign/ports.test.ts"] },
    environment: { CAMPUS_OPS_PORT_CASES: "100000" },
    asserts:
      "every process lives, stays within its memory, and serves who behaves meanwhile; the broker counts what it refused",
    inTests: ["deploy/e2e/bad-input.test.ts"],
  },
  hostile: {
    kind: "hostile",
    title:
      "certificates of strangers, topics of others, replayed and oversized frames, retained garbage, readers that do not read",
    run: { tests: ["deploy/faults/campaign/hostile.test.ts"] },
    asserts: "refused and counted, and who behaves notices nothing",
    inTests: ["deploy/e2e/bad-input.test.ts", "broker/server/access.test.ts", "broker/server/tls.test.ts"],
  },
  power: {
    kind: "power",
    title:
      "a virtual machine with a box's outbox and a hub's journal killed 50 times at random instants, on a disk that forgets what was not flushed",
    run: { tests: ["deploy/faults/campaign/power.test.ts"] },
    environment: { CAMPUS_OPS_POWER_CUTS: "50" },
    asserts: "what was said to be durable is there after every cut, and at the hub once",
    inTests: ["deploy/faults/power/disk.test.ts", "deploy/simulation/simulation.test.ts"],
  },
  told: {
    kind: "told",
    title: "each fault that an operator can do something about, held until the console says so",
    run: { tests: ["deploy/faults/campaign/told.test.ts"] },
    asserts: "within a minute, in Chinese and English: what is wrong, what is safe, what to do",
    inTests: ["deploy/e2e/people-are-told.test.ts", "deploy/e2e/cut-cable.test.ts"],
  },
};
