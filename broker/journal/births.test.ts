import { CampusId, DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { expect, test } from "vitest";
import { encodePayload } from "../sparkplug/codec.ts";
import { currentBirths } from "./births.ts";
import type { JournalEntry } from "./entry.ts";

const node = { campus: CampusId("qiyun-no1"), node: NodeId("edge-a") };

function nodeBirth(seq: number, bdSeq: number): JournalEntry {
  const metrics = [{ name: "bdSeq", datatype: DataType.Int64, value: bdSeq }];
  return { seq, receivedAt: seq, kind: "NBIRTH", address: node, payload: encodePayload({ metrics }) };
}

function deviceBirth(seq: number, device: string): JournalEntry {
  const address = { ...node, device: DeviceId(device) };
  return { seq, receivedAt: seq, kind: "DBIRTH", address, payload: encodePayload({ metrics: [] }) };
}

const numbers = (births: readonly JournalEntry[]) => currentBirths(births).map(({ seq }) => seq);

test("a new session voids the births of the node's devices", () => {
  expect(numbers([nodeBirth(1, 0), deviceBirth(2, "a"), deviceBirth(3, "b"), nodeBirth(4, 1)])).toEqual([4]);
});

test("a rebirth within a session voids none: a device whose birth was lost on the way can still be told gone", () => {
  const births = [nodeBirth(1, 0), deviceBirth(2, "a"), deviceBirth(3, "b"), nodeBirth(4, 0)];
  expect(numbers([...births, deviceBirth(5, "a")])).toEqual([3, 4, 5]);
});
