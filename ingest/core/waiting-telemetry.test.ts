import type { NodeMessage } from "@campus-ops/broker/sparkplug";
import { DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CAMPUS } from "../testing/campus.ts";
import { ALL_BYTES_MAX, MESSAGES_MAX, NODE_MESSAGES_MIN, WaitingTelemetry } from "./waiting-telemetry.ts";

function message(node: string, receivedAt: number, bytes = 1): NodeMessage {
  const address = { campus: CAMPUS, node: NodeId(node), device: DeviceId("meter") };
  return { type: "DDATA", address, payload: { metrics: [] }, bytes: new Uint8Array(bytes), receivedAt };
}

const drained = (waiting: WaitingTelemetry): NodeMessage[] => {
  const all: NodeMessage[] = [];
  for (let next = waiting.next(); next !== undefined; next = waiting.next()) all.push(next);
  return all;
};

const nodes = fc.array(fc.constantFrom("flood", "box-1", "box-2"), { maxLength: 80 });
/** So many that each has the least. */
const CROWD = MESSAGES_MAX / NODE_MESSAGES_MIN;
const crowded = (): WaitingTelemetry => {
  const waiting = new WaitingTelemetry();
  for (let each = 0; each < CROWD; each += 1) waiting.add(message(`crowd-${each}`, each));
  return waiting;
};
const isOfCrowd = ({ address }: NodeMessage): boolean => address.node.startsWith("crowd");

test("every message is either given out in the order of its node or gives way, once", () => {
  fc.assert(
    fc.property(nodes, (senders) => {
      const waiting = crowded();
      const messages = senders.map((node, at) => message(node, at));
      const displaced = messages.flatMap((each) => waiting.add(each) ?? []);
      const given = drained(waiting).filter((each) => !isOfCrowd(each));
      expect(new Set([...displaced, ...given])).toEqual(new Set(messages));
      expect(displaced.length + given.length).toBe(messages.length);
      for (const sender of ["flood", "box-1", "box-2"]) {
        const times = given
          .filter(({ address }) => address.node === sender)
          .map(({ receivedAt }) => receivedAt);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(times.length).toBeLessThanOrEqual(NODE_MESSAGES_MIN);
      }
      expect(waiting.messages).toBe(0);
    }),
  );
});

test("nodes have their turns one after the other, however much one of them sends", () => {
  const waiting = new WaitingTelemetry();
  for (let at = 0; at < MESSAGES_MAX; at += 1) expect(waiting.add(message("flood", at))).toBeUndefined();
  waiting.add(message("box-1", 100));
  waiting.add(message("box-2", 101));
  const order = drained(waiting).map(({ address }) => address.node as string);
  expect(order.slice(0, 3)).toEqual(["flood", "box-1", "box-2"]);
  expect(order).toHaveLength(MESSAGES_MAX + 2);
});

test("the newest of a node stay when there is no room for all", () => {
  const waiting = crowded();
  for (let at = 0; at < NODE_MESSAGES_MIN; at += 1) expect(waiting.add(message("box-1", at))).toBeUndefined();
  expect(waiting.add(message("box-1", NODE_MESSAGES_MIN))?.receivedAt).toBe(0);
  expect(drained(waiting).find((each) => !isOfCrowd(each))?.receivedAt).toBe(1);
});

test("what waits of a node is handed out before something of it that does not wait, and of no other", () => {
  const waiting = new WaitingTelemetry();
  for (const [at, node] of ["box-1", "box-2", "box-1"].entries()) waiting.add(message(node, at));
  expect(waiting.before(message("box-1", 3)).map(({ receivedAt }) => receivedAt)).toEqual([0, 2]);
  expect(drained(waiting).map(({ receivedAt }) => receivedAt)).toEqual([1]);
});

test("large payloads of many nodes stay within the bound of all, and its room comes back", () => {
  const waiting = new WaitingTelemetry();
  const MEGABYTE = 1024 * 1024;
  const many = ALL_BYTES_MAX / MEGABYTE;
  for (let each = 0; each < many; each += 1) waiting.add(message(`box-${each}`, each, MEGABYTE));
  const late = message("late", 99, MEGABYTE);
  expect(waiting.add(late)).toBe(late);
  expect(waiting.next()?.receivedAt).toBe(0);
  expect(waiting.add(late)).toBeUndefined();
  expect(waiting.messages).toBe(many);
});
