import { ReceivedRanges } from "@campus-ops/broker/journal";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CommandView } from "../api.ts";
import { ACKNOWLEDGED_RUNS_MAX, AcknowledgementPlanner } from "./acknowledgement.ts";
import { AdmissionGate } from "./admission.ts";
import { COMMAND_MS_MAX, isOverdue, settle } from "./command.ts";
import { completenessOf, countRecord, type EpochAccount, outstanding } from "./completeness.ts";
import { deviceHealth } from "./health.ts";
import { pointValue } from "./points.ts";
import { planQuery } from "./query.ts";

const node = { campus: CampusId("a"), node: NodeId("box") };

/** Records of one epoch that cover 1 to n without gaps, in some order, some of them twice. */
const deliveries = fc
  .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 })
  .map((sizes) => {
    let last = 0;
    return sizes.map((size) => {
      const first = last + 1;
      last += size;
      return { epoch: 7, first, last };
    });
  })
  .chain((records) =>
    fc
      .tuple(fc.shuffledSubarray(records, { minLength: records.length }), fc.subarray(records))
      .map(([shuffled, again]) => ({ records, sent: [...shuffled, ...again] })),
  );

describe("admission", () => {
  test("whatever the order and the repetitions, each record is new exactly once", () => {
    fc.assert(
      fc.property(deliveries, fc.infiniteStream(fc.boolean()), ({ records, sent }, commitNow) => {
        const durable = new ReceivedRanges();
        const gate = new AdmissionGate(durable);
        const admitted: number[] = [];
        const waiting: (typeof sent)[number][] = [];
        for (const range of sent) {
          if (gate.admit("a/box", range) === "new") {
            admitted.push(range.first);
            waiting.push(range);
          }
          if (!commitNow.next().value) continue;
          for (const each of waiting.splice(0)) {
            durable.add("a/box", each);
            gate.settle("a/box", each);
          }
        }
        expect(admitted.sort((a, b) => a - b)).toEqual(records.map(({ first }) => first));
      }),
    );
  });

  test("after a commit that failed the next copy is new again, and before it is pending", () => {
    const gate = new AdmissionGate(new ReceivedRanges());
    const range = { epoch: 1, first: 1, last: 2 };
    expect(gate.admit("a/box", range)).toBe("new");
    expect(gate.admit("a/box", range)).toBe("pending");
    gate.settle("a/box", range);
    expect(gate.admit("a/box", range)).toBe("new");
  });
});

describe("acknowledgements", () => {
  test("each record is named by its own run, once, and nodes and epochs stay apart", () => {
    const planner = new AcknowledgementPlanner();
    planner.add(node, { epoch: 1, first: 4, last: 9 });
    planner.add(node, { epoch: 1, first: 1, last: 3 });
    planner.add(node, { epoch: 1, first: 4, last: 9 });
    planner.add(node, { epoch: 2, first: 1, last: 1 });
    const runs = [
      { first: 4, last: 9 },
      { first: 1, last: 3 },
    ];
    expect(planner.take()).toEqual([
      { node, acknowledgement: { epoch: 1, runs } },
      { node, acknowledgement: { epoch: 2, runs: [{ first: 1, last: 1 }] } },
    ]);
    expect(planner.take()).toEqual([]);
  });

  test("more runs than one message holds take another message", () => {
    const planner = new AcknowledgementPlanner();
    for (let index = 0; index <= ACKNOWLEDGED_RUNS_MAX; index += 1)
      planner.add(node, { epoch: 1, first: 1 + index * 2, last: 1 + index * 2 });
    expect(planner.take().map(({ acknowledgement }) => acknowledgement.runs.length)).toEqual([
      ACKNOWLEDGED_RUNS_MAX,
      1,
    ]);
  });
});

describe("completeness", () => {
  test("when all records are in, nothing is outstanding, in whatever order they came", () => {
    fc.assert(
      fc.property(deliveries, ({ records, sent }) => {
        const once = [...new Map(sent.map((record) => [record.first, record])).values()];
        const account = once.reduce<EpochAccount | undefined>(countRecord, undefined);
        const total = records.at(-1)?.last ?? 0;
        const all = completenessOf(account === undefined ? [] : [account], 0, 0);
        expect(all).toEqual({ expected: total, received: total, lost: 0 });
        expect(outstanding(all)).toBe(0);
      }),
    );
  });

  test("what is missing between the lowest and the highest number is outstanding until it is known to be lost", () => {
    const account = countRecord(countRecord(undefined, { first: 1, last: 10 }), {
      first: 31,
      last: 40,
    });
    expect(completenessOf([account], 5, 0)).toEqual({ expected: 45, received: 25, lost: 0 });
    expect(outstanding(completenessOf([account], 5, 0))).toBe(20);
    expect(outstanding(completenessOf([account], 5, 15))).toBe(5);
  });
});

describe("health", () => {
  const working = { nodeOnline: true, deviceOnline: true, retired: false, value: () => undefined };
  const saying = (metric: string, value: string | boolean) => (name: string) =>
    name === metric ? value : undefined;

  test("what is nearer to us decides first", () => {
    const broken = saying("Projector/Fan", "error");
    expect(deviceHealth(working)).toBe("working");
    expect(deviceHealth({ ...working, value: broken })).toBe("faulty");
    expect(deviceHealth({ ...working, value: saying("Projector/Fan", "warning") })).toBe("working");
    expect(deviceHealth({ ...working, value: saying("Connectivity/Online", false) })).toBe("unreachable");
    expect(deviceHealth({ ...working, deviceOnline: false, value: broken })).toBe("unreachable");
    const away = { ...working, nodeOnline: false, deviceOnline: false, value: broken };
    expect(deviceHealth(away)).toBe("stale");
    expect(deviceHealth({ ...away, retired: true })).toBe("retired");
  });

  test.each(["Panic/LineFault", "Video/Loss", "Video/Tamper", "Door/Tamper"])(
    "%s is a fault while it is true",
    (metric) => {
      expect(deviceHealth({ ...working, value: saying(metric, true) })).toBe("faulty");
      expect(deviceHealth({ ...working, value: saying(metric, false) })).toBe("working");
    },
  );
});

describe("commands", () => {
  const command: CommandView = {
    id: "1",
    device: "a/box/gate",
    metric: "Door/Unlocked",
    value: true,
    by: "duty",
    state: "requested",
    requestedAt: 1_000,
  };

  test.each([
    ["requested", "confirmed", true],
    ["requested", "unknown", true],
    ["requested", "refused", true],
    ["unknown", "confirmed", true],
    ["unknown", "refused", true],
    ["unknown", "unknown", false],
    ["confirmed", "unknown", false],
    ["confirmed", "refused", false],
    ["confirmed", "confirmed", false],
    ["refused", "confirmed", false],
    ["refused", "unknown", false],
    ["refused", "refused", false],
  ] as const)("from %s to %s: %s", (from, to, allowed) => {
    const after = settle({ ...command, state: from }, to, 2_000, "why");
    expect(after).toEqual(allowed ? { ...command, state: to, settledAt: 2_000, detail: "why" } : undefined);
  });

  test("only a command that waits can be overdue", () => {
    expect(isOverdue(command, 1_000 + COMMAND_MS_MAX - 1)).toBe(false);
    expect(isOverdue(command, 1_000 + COMMAND_MS_MAX)).toBe(true);
    expect(isOverdue({ ...command, state: "confirmed" }, 1_000 + COMMAND_MS_MAX)).toBe(false);
  });
});

test.each([
  ["Environment/CO2", 500, 500],
  ["Environment/CO2", Number.NaN, undefined],
  ["Door/Open", true, 1],
  ["Door/Open", false, 0],
  ["Projector/Power", "cooling", 2],
  ["Projector/Power", "exploding", undefined],
  ["Port/3/Oper", "up", 0],
  ["Port/3/InOctets", 2n ** 60n, 2 ** 60],
  ["Properties/Vendor", "acme", undefined],
  ["Door/Open", null, undefined],
])("%s = %s is the point %s", (metric, value, point) => {
  expect(pointValue(metric, value)).toBe(point);
});

test("a query takes the devices within its scope and files each under its group", () => {
  const assets = [
    { key: "one/box/x", path: "99/9901/one/a" },
    { key: "two/box/y", path: "99/9902/two" },
    { key: "two/box/z", path: "99/9902/two/b/1" },
  ];
  const groups = (more: object) =>
    Object.fromEntries(planQuery({ metric: "m", from: 0, to: 1, ...more }, assets).groups);
  expect(groups({})).toEqual({
    "one/box/x": "one/box/x",
    "two/box/y": "two/box/y",
    "two/box/z": "two/box/z",
  });
  expect(groups({ scope: "99/9902", groupBy: "campus" })).toEqual({
    "two/box/y": "99/9902/two",
    "two/box/z": "99/9902/two",
  });
  expect(groups({ scope: "99/990" })).toEqual({});
  expect(groups({ groupBy: "none", device: "one/box/x" })).toEqual({ "one/box/x": "all" });
});
