/** A hub that did not run for a while (a slow disk, a machine with other work) blames nobody else for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { encodePayload, formatTopic, type Metric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import { DataType, DeviceId } from "@campus-ops/device-profiles/vocabulary";
import mqtt from "mqtt";
import { expect, test } from "vitest";
import type { DeviceView } from "./api.ts";
import { CAMPUS, NODE, sample } from "./testing/campus.ts";
import { startLoopbackBroker } from "./testing/loopback-broker.ts";
import { startStillIngest } from "./testing/still-ingest.ts";
import { until } from "./testing/until.ts";

/** Of the hub's time: longer than a message that came too early waits for the one before it. */
const STALL_MS = 2_500;
/** Of real time: the session's timer is due when it is over, and comes before what waits in the socket. */
const BUSY_MS = 250;

test("what came out of order just before a stall is put in order after it, and no rebirth is asked for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stalled-"));
  const broker = await startLoopbackBroker();
  // The hub's time stands still but for the stall: a machine with other work cannot use up what a message may wait.
  let now = Date.now();
  const { api, ingest } = await startStillIngest(folder, broker.url, () => now);
  const node = await mqtt.connectAsync(broker.url);
  const asked: string[] = [];
  node.on("message", (topic) => asked.push(topic));
  await node.subscribeAsync(`spBv1.0/${CAMPUS}/NCMD/${NODE}`);
  const address = { campus: CAMPUS, node: NODE };
  const gate = { ...address, device: DeviceId("gate") };
  const publish = (topic: string, seq: number, metrics: readonly Metric[]) =>
    node.publishAsync(topic, Buffer.from(encodePayload({ timestamp: now, seq, metrics })), { qos: 0 });
  const door = (metric: string, value: boolean | string) => sampleToMetric(sample(metric, value, now));
  const shown = async () => {
    const view = (await (await api.fetch(`/devices/${CAMPUS}/${NODE}/gate`)).json()) as DeviceView;
    return new Map(view.metrics?.map(({ name, value }) => [name, value]));
  };
  const health = async () => ((await (await api.fetch("/healthz")).json()) as { ok: boolean }).ok;
  await until(health);
  const bdSeq = { name: "bdSeq", datatype: DataType.Int64, value: 0 };
  await publish(formatTopic({ type: "NBIRTH", address }), 0, [bdSeq]);
  await publish(formatTopic({ type: "DBIRTH", address: gate }), 1, [
    door("Properties/Class", "access-gate"),
    door("Door/Open", false),
    door("Door/Unlocked", false),
  ]);
  await until(async () => (await shown()).get("Door/Open") === false);

  const data = formatTopic({ type: "DDATA", address: gate });
  await publish(data, 3, [door("Door/Unlocked", true)]);
  // It has been read once something that was sent after it has.
  const other = formatTopic({ type: "NBIRTH", address: { ...address, node: "box-2" as typeof NODE } });
  await publish(other, 0, [bdSeq]);
  await until(async () => (await (await api.fetch("/nodes")).text()).includes("box-2"));
  const missing = publish(data, 2, [door("Door/Open", true)]);
  await setImmediate();
  now += STALL_MS;
  for (const end = performance.now() + BUSY_MS; performance.now() < end; );
  await missing;
  await until(async () => (await shown()).get("Door/Unlocked") === true);
  expect((await shown()).get("Door/Open")).toBe(true);
  expect(asked).toEqual([]);

  await node.endAsync(true);
  await api.close();
  await ingest.stop();
  await broker.stop();
  rmSync(folder, { recursive: true });
});
