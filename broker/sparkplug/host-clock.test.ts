/** The host when its clock is stepped, and when what it accepted could not be kept. */
import { CampusId, DataType, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { encodePayload } from "./codec.ts";
import { type HostEffect, HostSession } from "./host-session.ts";
import { readState, stateMessage } from "./host-state.ts";
import { formatTopic, type NodeMessageType } from "./topics.ts";

const address = { campus: CampusId("qiyun-no1"), node: NodeId("edge-a") };
const NOON = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

function online(time: number): HostSession {
  const host = new HostSession({ host: "hub", reorderMs: 1_000, rebirthIntervalMs: 5_000 });
  host.connect(time);
  host.connected();
  host.subscribed(time);
  return host;
}

const kinds = (effects: readonly HostEffect[]) => effects.map(({ kind }) => kind);

function say(host: HostSession, type: NodeMessageType, seq: number, time: number) {
  const bdSeq = { name: "bdSeq", datatype: DataType.Int64, value: 0 };
  const payload = encodePayload({ metrics: type === "NBIRTH" ? [bdSeq] : [], seq });
  return kinds(host.message(formatTopic({ type, address }), payload, time));
}

test("a clock that is stepped back does not put off what is due: a gap ends and a rebirth is asked for as before", () => {
  const host = online(NOON);
  expect(say(host, "NDATA", 1, NOON)).toEqual(["discard", "rebirth", "publish"]);
  say(host, "NBIRTH", 0, NOON);
  expect(say(host, "NDATA", 2, NOON)).toEqual([]);
  const back = NOON - HOUR_MS;
  expect(host.tick(back)).toEqual([]);
  host.tick(back + 1_000);
  expect(kinds(host.tick(back + 5_000))).toEqual(["rebirth", "publish"]);
});

test("a STATE of its own that is newer than its clock makes it connect anew with a newer one still", () => {
  const host = online(NOON);
  const left = stateMessage("hub", { online: false, timestamp: NOON + HOUR_MS });
  expect(kinds(host.message(left.topic, left.payload, NOON))).toEqual(["disconnect"]);
  host.connectionLost();
  const [connect] = host.connect(NOON + 1_000);
  const will = connect?.kind === "connect" ? readState(connect.will.payload) : undefined;
  expect(will).toEqual({ online: false, timestamp: NOON + HOUR_MS + 1 });
  host.connected();
  const [birth] = host.subscribed(NOON + 1_000);
  const state = birth?.kind === "publish" ? readState(birth.publication.payload) : undefined;
  expect(state).toEqual({ online: true, timestamp: NOON + HOUR_MS + 1 });
  expect(kinds(host.message(left.topic, left.payload, NOON + 2_000))).toEqual(["publish"]);
});

test("after a birth that could not be kept, nothing of the node is accepted until it is born anew", () => {
  const host = online(NOON);
  expect(say(host, "NBIRTH", 0, NOON)).toEqual(["accept"]);
  host.forget(address, NOON);
  expect(say(host, "NDATA", 1, NOON)).toEqual(["discard", "rebirth", "publish"]);
  expect(say(host, "NBIRTH", 0, NOON)).toEqual(["accept"]);
  expect(say(host, "NDATA", 1, NOON)).toEqual(["accept"]);
});
