import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AlarmRecord } from "../core/view.ts";
import { sealed } from "../evidence/bundle.ts";
import { CHAIN_BEGIN, hashOf, type Link, toldBy } from "../evidence/chain.ts";
import { signingKey } from "../evidence/signing-key.ts";
import { verifyBundle } from "../evidence/verify.ts";
import { HEALTH_DAYS_MAX, sealOf } from "./drawer.ts";
import { RulesStore } from "./rules-store.ts";

const DAY = 86_400_000;
const AT = Date.UTC(2026, 10, 22);
const TEXT = { zh: "疑似发热", en: "Fever suspected" };
/** A temperature that occurs nowhere else. */
const CELSIUS = 38.6173;

let folder: string;
let store: RulesStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drawer-"));
  store = new RulesStore(join(folder, "rules.sqlite"));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const screening = (eventTime = AT) => ({
  device: "school/box-1/scanner",
  name: "Temperature/Screening",
  value: null,
  fields: { celsius: CELSIUS, raw: CELSIUS, ambient: 21.5, credential: "0123456789abcdef" },
  quality: { status: "good" } as const,
  eventTime,
  journalSeq: 7,
});

function alarmOf(evidence: AlarmRecord["evidence"]): AlarmRecord {
  return {
    id: "fever",
    occurrence: 1,
    rule: "fever-suspect",
    priority: 2,
    state: "unacknowledged",
    title: TEXT,
    device: {
      key: "school/box-1/scanner",
      title: TEXT,
      class: "temperature-scanner",
      path: "990100/990102/school/gate",
      campus: "school",
    },
    raisedAt: AT,
    receivedAt: AT,
    symptoms: 0,
    updatedAt: AT,
    ruleVersion: 1,
    explanation: TEXT,
    card: { cause: TEXT, consequence: TEXT, action: TEXT },
    respondWithin_ms: 30_000,
    evidence,
  };
}

/** A batch of that moment: an alarm that begins, a monitor that remembers its reading, or nothing. */
function commit(now: number, evidence?: AlarmRecord["evidence"]): void {
  const head = { now, seq: 7, nextOrdinal: 1, counters: {}, suppressions: [], drills: [] };
  const monitor = { ordinal: 1, save: () => ({ ordinal: 1, memory: { last: screening() } }) };
  const changes = { devices: [], monitors: evidence === undefined ? [] : [monitor], forgotten: [] };
  const transition = {
    at: AT,
    from: "normal",
    to: "unacknowledged",
    event: "raise",
    occurrence: 1,
    by: "rule",
  };
  store.commit(
    head as unknown as Parameters<RulesStore["commit"]>[0],
    changes as unknown as Parameters<RulesStore["commit"]>[1],
    evidence === undefined
      ? []
      : ([{ kind: "transition", seq: 7, transition, alarm: alarmOf(evidence) }] as unknown as Parameters<
          RulesStore["commit"]
        >[2]),
  );
}

/** Everything that lies on the disk, the write-ahead log too. */
const onDisk = (): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "latin1"))
    .join("");
/** As SQLite writes a number: eight bytes, the highest first. */
const asStored = (): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(CELSIUS);
  return bytes.toString("latin1");
};
const monitors = () => JSON.stringify(store.load()?.monitors);
const shown = () => store.alarm("fever")?.evidence.map(({ fields }) => fields?.celsius);

function expectWhole(links: readonly Link[]): void {
  let previous = CHAIN_BEGIN;
  for (const link of links) {
    expect([link.previous, hashOf(link.previous, link.body)]).toEqual([previous, link.hash]);
    previous = link.hash;
  }
}

test("a temperature is shown for thirty days, and then it is nowhere; what else the evidence says stays, and the chain holds", () => {
  commit(AT, [screening()]);
  const before = store.chainOf();
  expect([shown(), monitors().includes(String(CELSIUS))]).toEqual([[CELSIUS], true]);
  expect([onDisk().includes(String(CELSIUS)), onDisk().includes(asStored())]).toEqual([false, true]);
  expect(before[0]?.body).toMatch(/"celsius":"sealed:[0-9a-f]{64}"/);
  expect(before[0]?.body).not.toContain(String(CELSIUS));
  commit(AT + HEALTH_DAYS_MAX * DAY);
  expect(shown()).toEqual([CELSIUS]);
  commit(AT + HEALTH_DAYS_MAX * DAY + 3_600_000);
  expect([shown(), monitors().includes(String(CELSIUS))]).toEqual([[null], false]);
  expect(store.alarm("fever")?.evidence[0]).toMatchObject({
    fields: { ambient: 21.5, credential: "0123456789abcdef" },
    eventTime: AT,
  });
  expect(store.chainOf()).toEqual(before);
  expectWhole(store.chainOf());
  // Written down again, it does not come back.
  commit(AT + HEALTH_DAYS_MAX * DAY + 7_200_000, [screening()]);
  expect(shown()).toEqual([null]);
  store.close();
  expect([onDisk().includes(String(CELSIUS)), onDisk().includes(asStored())]).toEqual([false, false]);
  expect(onDisk()).toContain("0123456789abcdef");
  store = new RulesStore(join(folder, "rules.sqlite"));
});

test("the same reading is sealed once, and two of the same value cannot be told to be so", () => {
  commit(AT, [screening(), screening(AT + 1_000)]);
  commit(AT, [screening(), screening(AT + 1_000)]);
  const hashes = store.chainOf().flatMap(({ body }) => body.match(/sealed:[0-9a-f]{64}/g) ?? []);
  // Value and raw value are one number of one moment, and are sealed apart; the second writing is that of the first.
  expect([hashes.length, new Set(hashes).size]).toEqual([8, 4]);
});

test("a bundle proves what it shows by its chain while it is kept, and verifies when it is not any more", () => {
  commit(AT, [screening()]);
  const bundleOf = () => {
    const chain = store.chainOf("fever");
    const alarm = store.alarm("fever");
    if (alarm === undefined) throw new Error("no alarm");
    const disclosed = store.disclosed(chain);
    const detail = { ...alarm, ...toldBy(chain), symptomIds: [] };
    const facts = { hub: TEXT, exportedAt: AT, exportedBy: "desk", alarm: detail, chain };
    return { ...facts, disclosed, head: store.chainHead() };
  };
  const key = signingKey(join(folder, "key"));
  const bundle = bundleOf();
  expect(bundle.disclosed.map(({ value }) => value)).toEqual([CELSIUS, CELSIUS]);
  expect(verifyBundle(sealed(bundle, key)).problems).toEqual([]);
  const [first] = bundle.disclosed;
  if (first === undefined) throw new Error("nothing is disclosed");
  const changed = { ...bundle, disclosed: [{ ...first, value: 36.5 }] };
  expect(verifyBundle(sealed(changed, key)).problems).toEqual([
    "the reading 36.5 is not the one that was sealed in the chain",
  ]);
  const strange = { salt: "00", value: 36.5 };
  const added = { ...bundle, disclosed: [{ ...strange, hash: sealOf(strange) }] };
  expect(verifyBundle(sealed(added, key)).problems).not.toEqual([]);
  commit(AT + (HEALTH_DAYS_MAX + 1) * DAY);
  const later = bundleOf();
  expect(later.disclosed).toEqual([]);
  expect(verifyBundle(sealed(later, key)).problems).toEqual([]);
});
