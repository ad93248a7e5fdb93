import { CampusId, DataType, DeviceId, GOOD, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { encodePayload } from "../sparkplug/codec.ts";
import { rangeMetric } from "../sparkplug/handoff.ts";
import { eventToMetric, sampleToMetric } from "../sparkplug/mapping.ts";
import type { Metric } from "../sparkplug/payload.ts";
import { currentBirths } from "./births.ts";
import { JournalDecoder } from "./decoder.ts";
import type { EntryKind, JournalEntry } from "./journal.ts";

const node = { campus: CampusId("qiyun-no1"), node: NodeId("box-1") };
const gate = { ...node, device: DeviceId("gate") };

let seq = 0;
function entry(
  kind: EntryKind,
  address: JournalEntry["address"],
  metrics: readonly Metric[],
  timestamp = 50,
): JournalEntry {
  seq += 1;
  const base = { seq, receivedAt: 1_000 + seq, kind, payload: encodePayload({ timestamp, metrics, seq: 0 }) };
  return address === undefined ? { ...base, payload: new Uint8Array() } : { ...base, address };
}

const bdSeq = (value: number): Metric => ({ name: "bdSeq", datatype: DataType.Int64, value });
const nbirth = (value = 0) => entry("NBIRTH", node, [bdSeq(value)]);
const attribute = (metric: string, value: string): Metric =>
  sampleToMetric({ metric, value, quality: GOOD, eventTime: 1 });
const dbirth = () =>
  entry("DBIRTH", gate, [
    { ...sampleToMetric({ metric: "Door/Open", value: false, quality: GOOD, eventTime: 10 }), alias: 7 },
    attribute("Properties/Class", "access-gate"),
    attribute("Properties/Profile", "access-gate/acme-2"),
    attribute("Properties/TitleZh", "东门闸机"),
    attribute("Properties/TitleEn", "east gate"),
    attribute("Properties/Path", "990100/990102/qiyun-no1/a"),
    attribute("Properties/DependsOn", "switch-1"),
  ]);

test("a birth tells its values, its properties and that somebody came", () => {
  const decoder = new JournalDecoder();
  expect(decoder.decode(nbirth()).presence).toMatchObject([{ address: node, online: true }]);
  const birth = decoder.decode(dbirth());
  expect(birth.presence).toEqual([{ address: gate, online: true, at: birth.receivedAt }]);
  expect(birth.samples[0]).toMatchObject({
    metric: "Door/Open",
    value: false,
    eventTime: 10,
    historical: false,
  });
  expect(birth.properties).toEqual({
    class: "access-gate",
    profile: "access-gate/acme-2",
    title: { zh: "东门闸机", en: "east gate" },
    path: "990100/990102/qiyun-no1/a",
    dependsOn: "switch-1",
  });
});

test("data by alias is resolved, after priming with births too, and carries its range and its events", () => {
  const births = [nbirth(), dbirth()];
  const data = entry("DDATA", gate, [
    { alias: 7, timestamp: 20, isHistorical: true, value: true },
    eventToMetric({
      event: "Access/Swipe",
      id: "gate-41",
      eventTime: 21,
      quality: GOOD,
      fields: { serial: 41, credential: "c0ffee", result: "granted", reason: "none", direction: "in" },
    }),
    rangeMetric({ epoch: 9, first: 3, last: 4 }),
  ]);
  const decoder = new JournalDecoder();
  decoder.prime(births);
  const decoded = decoder.decode(data);
  expect(decoded.samples).toEqual([
    { metric: "Door/Open", value: true, quality: GOOD, eventTime: 20, historical: true },
  ]);
  expect(decoded.events).toMatchObject([
    { event: "Access/Swipe", id: "gate-41", fields: { result: "granted" } },
  ]);
  expect(decoded.range).toEqual({ epoch: 9, first: 3, last: 4 });
  expect(decoded.presence).toEqual([]);
});

test("a node's death takes its devices along, once, and an older session's will changes nothing", () => {
  const decoder = new JournalDecoder();
  decoder.prime([nbirth(4), dbirth()]);
  expect(decoder.decode(entry("NDEATH", node, [bdSeq(3)])).presence).toEqual([]);
  const death = decoder.decode(entry("NDEATH", node, [bdSeq(4)]));
  expect(death.presence).toEqual([
    { address: node, online: false, at: death.receivedAt },
    { address: gate, online: false, at: death.receivedAt },
  ]);
  expect(decoder.decode(entry("NDEATH", node, [bdSeq(4)])).presence).toEqual([]);
});

test("a device's death counts as of its own time", () => {
  const decoder = new JournalDecoder();
  decoder.prime([nbirth(), dbirth()]);
  expect(decoder.decode(entry("DDEATH", gate, [], 77)).presence).toEqual([
    { address: gate, online: false, at: 77 },
  ]);
});

test("a rebirth in the same session sends nobody away", () => {
  const decoder = new JournalDecoder();
  for (const birth of [nbirth(4), dbirth()]) decoder.decode(birth);
  expect(decoder.decode(nbirth(4)).presence).toEqual([]);
  expect(decoder.decode(dbirth()).presence).toEqual([]);
  expect(decoder.decode(nbirth(5)).presence).toMatchObject([{ address: gate, online: false }]);
});

test("a third party's node that numbers its aliases anew is read by the new ones alone, by one who starts in the middle too", () => {
  const door = (metric: string, alias: number) => ({
    ...sampleToMetric({ metric, value: false, quality: GOOD, eventTime: 10 }),
    alias,
  });
  const births = [
    nbirth(),
    entry("DBIRTH", gate, [door("Door/Open", 7), door("Door/Tamper", 8)]),
    nbirth(1),
    entry("DBIRTH", gate, [door("Door/Tamper", 7), door("Door/Unlocked", 9)]),
  ];
  const told = (decoder: JournalDecoder, alias: number) =>
    decoder.decode(entry("DDATA", gate, [{ alias, timestamp: 20, value: true }]));
  const live = new JournalDecoder();
  for (const birth of births) live.decode(birth);
  const late = new JournalDecoder();
  late.prime(currentBirths(births));
  for (const decoder of [live, late]) {
    expect(told(decoder, 7).samples).toMatchObject([{ metric: "Door/Tamper", value: true }]);
    expect(told(decoder, 9).samples).toMatchObject([{ metric: "Door/Unlocked", value: true }]);
    expect(told(decoder, 8)).toMatchObject({ samples: [], leftOut: 1 });
  }
});

test("between a node's new birth and its device's no alias of before means anything", () => {
  const decoder = new JournalDecoder();
  for (const birth of [nbirth(0), dbirth(), nbirth(0)]) decoder.decode(birth);
  const data = entry("DDATA", gate, [{ alias: 7, timestamp: 20, value: true }]);
  expect(decoder.decode(data)).toMatchObject({ samples: [], leftOut: 1 });
});

test("a reader that starts after a death, which births do not tell of, learns of the return", () => {
  const decoder = new JournalDecoder();
  decoder.prime([nbirth(4), dbirth()]);
  const rebirth = decoder.decode(nbirth(5));
  expect(rebirth.presence).toMatchObject([
    { address: node, online: true },
    { address: gate, online: false },
  ]);
  expect(decoder.decode(dbirth()).presence).toMatchObject([{ address: gate, online: true }]);
});

test("a third party's node that counts its sessions from 0 again is seen to return too", () => {
  const decoder = new JournalDecoder();
  decoder.prime([nbirth(0), dbirth()]);
  expect(decoder.decode(nbirth(0)).presence).toMatchObject([{ address: node, online: true }]);
});

test("what cannot be read is said, counted, and never thrown", () => {
  const decoder = new JournalDecoder();
  const broken = { ...nbirth(), payload: new Uint8Array([255, 255, 255]) };
  expect(decoder.decode(broken).problem).toBeTypeOf("string");
  expect(decoder.decode(entry("DDATA", gate, [{ alias: 99, value: 1 }])).leftOut).toBe(1);
  expect(decoder.decode(entry("CLOCK", undefined, [])).samples).toEqual([]);
});

test("a birth of another session says so, a rebirth on request and the first birth of all do not; after priming too", () => {
  const told = (decoder: JournalDecoder, births: readonly JournalEntry[]) =>
    births.map((birth) => decoder.decode(birth).newSession);
  expect(told(new JournalDecoder(), [nbirth(4), nbirth(4), nbirth(5), nbirth(0)])).toEqual([
    undefined,
    undefined,
    true,
    true,
  ]);
  const primed = new JournalDecoder();
  primed.prime([nbirth(4)]);
  expect(told(primed, [nbirth(4), nbirth(5)])).toEqual([undefined, true]);
});
