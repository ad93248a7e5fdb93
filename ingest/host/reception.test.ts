import type { NodeMessage } from "@campus-ops/broker/sparkplug";
import { sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { soon } from "@campus-ops/service/testing/soon";
import { expect, test } from "vitest";
import { ALL_BYTES_MAX, MESSAGES_MAX } from "../core/waiting-telemetry.ts";
import { CAMPUS, sample } from "../testing/campus.ts";
import { Reception, RULES_BEHIND_MS_MAX } from "./reception.ts";

function message(node: string, metric: string, value: number | boolean): NodeMessage {
  const address = { campus: CAMPUS, node: NodeId(node), device: DeviceId("gate") };
  const metrics = [sampleToMetric(sample(metric, value, 1))];
  return { type: "DDATA", address, payload: { metrics }, bytes: new Uint8Array(1), receivedAt: 1 };
}

const warm = (node: string, value: number) => message(node, "Environment/Temperature", value);

/** A reception whose rules have read nothing for as long as they may. */
function behind() {
  const taken: NodeMessage[] = [];
  const lost: NodeMessage[] = [];
  const withheld: NodeMessage[] = [];
  let [last, now] = [0, 0];
  const reception = new Reception({
    last: () => last,
    projections: () => [],
    take: (each) => {
      taken.push(each);
      last += 1;
    },
    isNumbered: ({ address }) => address.node === "numbered",
    onWithheld: (each) => withheld.push(each),
    onLeftOut: (each) => lost.push(each),
    uptime_ms: () => now,
  });
  reception.rulesTook(0);
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  const first = warm("box-1", 0);
  reception.take(first);
  pass(20);
  reception.take(warm("box-1", 1));
  pass(RULES_BEHIND_MS_MAX);
  return { reception, taken, lost, withheld, pass, last: () => last };
}

test("telemetry goes straight on while the rules keep up, and waits while they are behind", async () => {
  const { reception, taken, pass, last } = behind();
  expect(taken).toHaveLength(2);
  reception.take(warm("box-1", 2));
  expect([taken.length, reception.waiting]).toEqual([2, 1]);
  pass(20);
  reception.rulesTook(last());
  pass(20);
  await soon(() => expect([taken.length, reception.waiting]).toEqual([3, 0]));
});

test("what alarms are made of does not wait, and is preceded by what waits of its node alone", () => {
  const { reception, taken } = behind();
  const [own, others] = [warm("box-1", 2), warm("box-2", 2)];
  const pressed = message("box-1", "Panic/Pressed", true);
  const online = message("box-3", "Connectivity/Online", false);
  for (const each of [own, others, pressed, online]) reception.take(each);
  expect(taken.slice(2)).toEqual([own, pressed, online]);
  reception.stop();
  expect(taken.at(-1)).toBe(others);
});

test("a numbered alarm goes before the telemetry of its own box too, which is not lost for it", () => {
  const { reception, taken, withheld } = behind();
  const telemetry = warm("numbered", 2);
  const pressed = message("numbered", "Panic/Pressed", true);
  for (const each of [telemetry, pressed]) reception.take(each);
  expect(taken.slice(2)).toEqual([pressed]);
  reception.stop();
  expect(taken.slice(2)).toEqual([pressed, telemetry]);
  expect(withheld).toEqual([]);
});

test("what has no room is its sender's to keep where it is numbered, and is counted as lost where it is not", () => {
  const { reception, lost, taken, withheld } = behind();
  for (let value = 0; value < MESSAGES_MAX + 3; value += 1) reception.take(warm("plain", value));
  const values = (messages: readonly NodeMessage[]) =>
    messages.map(({ payload }) => payload.metrics[0]?.value);
  expect(values(lost)).toEqual([0, 1, 2]);
  const large = (value: number) => ({ ...warm("numbered", value), bytes: new Uint8Array(ALL_BYTES_MAX / 4) });
  for (let value = 0; value < 6; value += 1) reception.take(large(value));
  expect(values(withheld)).toEqual([0, 1, 2]);
  reception.stop();
  expect(taken).toHaveLength(2 + MESSAGES_MAX + 3);
});
