import { ReceivedRanges } from "@campus-ops/broker/journal";
import {
  accountMetric,
  type Dispute,
  encodePayload,
  HANDOFF_EPOCH,
  type NodeMessage,
  rangeMetric,
} from "@campus-ops/broker/sparkplug";
import { CampusId, DataType, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  closeAccount,
  completenessOf,
  countRecord,
  type EpochAccount,
  stateAccount,
} from "./completeness.ts";
import { EPOCHS_REMEMBERED_MAX, type Identity, stepIdentity, TWIN_MEMORY_MS } from "./identity.ts";
import { Intake } from "./intake.ts";
import { RangeAliases } from "./range-aliases.ts";

const address = { campus: CampusId("a"), node: NodeId("box") };
const births = (...seen: (readonly [epoch: number, at: number])[]) =>
  seen.reduce<Identity | undefined>((known, [epoch, at]) => stepIdentity(known, epoch, at), undefined);

describe("who speaks under a name", () => {
  test("births of one outbox, and of outboxes that follow one another, are one box", () => {
    expect(births([1, 0], [1, 5], [2, 10], [3, 20], [3, 30])?.twin).toBeUndefined();
  });

  test("an epoch that was replaced and comes back is a twin, until a day without a further sign", () => {
    const twins = births([1, 0], [2, 10], [1, 20]);
    expect(twins?.twin).toEqual({ epochs: [1, 2], at: 20 });
    expect(stepIdentity(twins, 1, 20 + TWIN_MEMORY_MS - 1).twin).toBeDefined();
    expect(stepIdentity(twins, 1, 20 + TWIN_MEMORY_MS).twin).toBeUndefined();
  });

  test("an outbox that was away for longer than a day is no twin: a disk was put back", () => {
    expect(births([1, 0], [2, 10], [1, 11 + TWIN_MEMORY_MS])?.twin).toBeUndefined();
  });

  test("what is remembered stays bounded whatever epochs come", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), (epochs) => {
        const identity = births(...epochs.map((epoch, at) => [epoch, at] as const));
        expect(identity?.replaced.length ?? 0).toBeLessThanOrEqual(EPOCHS_REMEMBERED_MAX);
      }),
    );
  });
});

/** An intake whose journal takes everything at once, and what it was told to do. */
function intake() {
  const received = new ReceivedRanges();
  const journaled: string[] = [];
  const disputes: Dispute[] = [];
  const taking = new Intake(
    {
      received,
      append: async (entries) => {
        for (const { kind, range } of entries) {
          journaled.push(range === undefined ? kind : `${kind} ${range.epoch}/${range.first}-${range.last}`);
          if (range !== undefined) received.add("a/box", range);
        }
        return journaled.length;
      },
    },
    new RangeAliases(),
    {
      onDurable: () => undefined,
      onDuplicate: () => undefined,
      onRefused: (error) => {
        throw error;
      },
      onDispute: (_, dispute) => disputes.push(dispute),
    },
  );
  const take = (type: NodeMessage["type"], metrics: NodeMessage["payload"]["metrics"]): void => {
    const payload = { metrics };
    taking.take({ type, address, payload, bytes: encodePayload(payload), receivedAt: 0 });
  };
  const birth = (epoch: number, sent: number, next: number): void =>
    take("NBIRTH", [
      { name: HANDOFF_EPOCH, datatype: DataType.UInt64, value: epoch },
      accountMetric({ epoch, sent, next, skipped: 0, waiting: next - 1 - sent }),
    ]);
  const data = (epoch: number, first: number, last: number): void =>
    take("NDATA", [rangeMetric({ epoch, first, last })]);
  const acknowledged = async () => {
    await taking.settled();
    return taking.acknowledgements().planned.flatMap(({ acknowledgement }) => acknowledgement.runs);
  };
  return { acknowledged, birth, data, disputes, journaled };
}

describe("an outbox that goes back", () => {
  test("is disputed at its birth, and nothing of it is taken or acknowledged until it has numbered anew", async () => {
    const { acknowledged, birth, data, disputes, journaled } = intake();
    birth(7, 0, 1);
    data(7, 1, 50);
    expect(await acknowledged()).toEqual([{ first: 1, last: 50 }]);
    // The image was taken when 30 had been sent; ten samples were written since it was restored.
    birth(7, 30, 41);
    data(7, 31, 40);
    expect(await acknowledged()).toEqual([]);
    expect(disputes).toEqual([
      { epoch: 7, held: 50 },
      { epoch: 7, held: 50 },
    ]);
    birth(8, 0, 41);
    data(8, 31, 40);
    expect(await acknowledged()).toEqual([{ first: 31, last: 40 }]);
    expect(journaled.filter((each) => each.startsWith("NDATA"))).toEqual(["NDATA 7/1-50", "NDATA 8/31-40"]);
  });

  test("is noticed as well when both copies went on from the same number and neither is behind", async () => {
    const { acknowledged, birth, data, disputes } = intake();
    birth(7, 0, 101);
    data(7, 1, 100);
    await acknowledged();
    birth(7, 100, 151);
    data(7, 101, 150);
    await acknowledged();
    // The copy has numbered on to 300 on its own and sent nothing of it.
    birth(7, 100, 301);
    expect(disputes).toEqual([{ epoch: 7, held: 150 }]);
  });

  test("is not suspected when the journal holds no more than was sent, durable or not yet", async () => {
    const { birth, data, disputes } = intake();
    birth(7, 0, 11);
    data(7, 1, 10);
    birth(7, 10, 11);
    birth(7, 10, 25);
    expect(disputes).toEqual([]);
  });
});

describe("what neither side has", () => {
  const state = (
    account: EpochAccount | undefined,
    next: number,
    waiting: number,
    known = true,
    skipped = 0,
  ) => stateAccount(account, { epoch: 1, sent: next - 1, next, skipped, waiting }, known);
  const shown = (...accounts: EpochAccount[]) => completenessOf(accounts, 0, 0);

  test("a hub restored from a backup books what its edge has delivered and deleted since as lost", () => {
    const backup = countRecord(undefined, { first: 1, last: 500 });
    const stated = state(backup, 901, 3);
    expect(shown(stated)).toEqual({ expected: 900, received: 500, lost: 397 });
    const drained = countRecord(stated, { first: 898, last: 900 });
    expect(shown(drained)).toEqual({ expected: 900, received: 503, lost: 397 });
    expect(shown(countRecord(drained, { first: 901, last: 910 }))).toEqual({
      expected: 910,
      received: 513,
      lost: 397,
    });
  });

  test("a hub that meets a box for the first time misses nothing of what the box did before", () => {
    expect(shown(state(undefined, 901, 3, false))).toEqual({ expected: 3, received: 0, lost: 0 });
  });

  test("a new epoch after a dispute keeps its numbers, and the holes between them are not missed", () => {
    const stated = state(undefined, 41, 10, true, 30);
    expect(shown(stated)).toEqual({ expected: 10, received: 0, lost: 0 });
    const drained = countRecord(countRecord(stated, { first: 31, last: 40 }), { first: 41, last: 45 });
    expect(shown(drained)).toEqual({ expected: 15, received: 15, lost: 0 });
  });

  test("an outbox that was replaced takes what it had not sent with it", () => {
    const behind = countRecord(countRecord(undefined, { first: 1, last: 10 }), { first: 21, last: 30 });
    expect(shown(closeAccount(behind))).toEqual({ expected: 30, received: 20, lost: 10 });
    expect(shown(countRecord(closeAccount(behind), { first: 11, last: 20 }))).toEqual({
      expected: 30,
      received: 30,
      lost: 0,
    });
  });

  test("what the edge told of having given up is not counted twice", () => {
    const stated = state(countRecord(undefined, { first: 1, last: 10 }), 31, 0);
    expect(completenessOf([stated], 0, 20)).toEqual({ expected: 30, received: 10, lost: 20 });
  });

  test("a disputed statement changes nothing", () => {
    const held = countRecord(undefined, { first: 1, last: 50 });
    expect(stateAccount(held, { epoch: 1, sent: 30, next: 41, skipped: 0, waiting: 10 }, true)).toEqual(held);
  });
});
