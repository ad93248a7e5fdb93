/** What Sparkplug asks of any MQTT server. */
import { afterEach, describe, expect, test } from "vitest";
import { BROKERS, CAMPUS, HOST, NODE } from "../testing/conformance/brokers.ts";
import { Peer } from "../testing/conformance/peer.ts";

const STATE = `spBv1.0/STATE/${HOST}`;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe.each(BROKERS)("%s", (_name, startBroker) => {
  async function started() {
    const broker = await startBroker();
    closing.push(() => broker.stop());
    const peer = async (
      ...options: Parameters<typeof Peer.connect> extends [string, ...infer Rest] ? Rest : never
    ) => {
      const made = await Peer.connect(broker.url, ...options);
      closing.push(() => made.end());
      return made;
    };
    return { peer };
  }

  test.each([
    ["0", 0],
    ["1", 1],
  ] as const)("tck-id-conformance-mqtt-qos%s: publishes and delivers", async (_digit, qos) => {
    const { peer } = await started();
    const monitor = await peer("monitor", ["spBv1.0/#"]);
    const edge = await peer("edge", []);
    const topic = `spBv1.0/${CAMPUS}/NDATA/${NODE}`;
    await edge.publish(topic, Uint8Array.from([0x18, 7]), qos);
    const message = await monitor.heard.until("the message", (each) => each.topic === topic);
    expect(message).toMatchObject({ qos, retain: false, payload: { seq: 7 } });
  });

  test("tck-id-conformance-mqtt-will-messages: a will goes out with its QoS and retain flag when its client is cut off, and not when it says goodbye", async () => {
    const { peer } = await started();
    const monitor = await peer("monitor", ["spBv1.0/#"]);
    const will = (text: string) =>
      ({ topic: STATE, payload: Buffer.from(text), qos: 1, retain: true }) as const;
    const polite = await peer("host", [], { will: will("polite") });
    await polite.leave();
    const killed = await peer("host", [], { will: will("killed") });
    killed.cut();
    const first = await monitor.heard.until("the will", ({ topic }) => topic === STATE);
    expect(Buffer.from(first.bytes).toString()).toBe("killed");
    expect(first.qos).toBe(1);
    const late = await peer("monitor", [STATE], { clientId: "late" });
    const kept = await late.heard.until("the retained will", ({ topic }) => topic === STATE);
    expect([kept.retain, Buffer.from(kept.bytes).toString()]).toEqual([true, "killed"]);
    const edge = await peer("edge", [], {
      will: { topic: `spBv1.0/${CAMPUS}/NDEATH/${NODE}`, payload: Buffer.from([]), qos: 1, retain: false },
    });
    edge.cut();
    expect(await monitor.heard.until("NDEATH", ({ type }) => type === "NDEATH")).toMatchObject({
      retain: false,
      qos: 1,
    });
  });

  test("tck-id-conformance-mqtt-retained: the last retained message of a topic is given to who comes later, marked so, until an empty one takes it away", async () => {
    const { peer } = await started();
    const host = await peer("host", []);
    const present = await peer("monitor", [STATE], { clientId: "present" });
    await host.publish(STATE, "one", 1, true);
    await host.publish(STATE, "two", 1, true);
    await present.heard.until("two", ({ bytes }) => Buffer.from(bytes).toString() === "two");
    expect(present.heard.all.map(({ retain }) => retain)).toEqual([false, false]);
    const late = await peer("monitor", [STATE], { clientId: "late" });
    const kept = await late.heard.until("the retained one", () => true);
    expect([kept.retain, Buffer.from(kept.bytes).toString()]).toEqual([true, "two"]);
    await host.publish(STATE, "", 1, true);
    const later = await peer("monitor", [STATE], { clientId: "later" });
    await host.publish(STATE, "three", 1, false);
    const next = await later.heard.until("what comes next", () => true);
    expect([next.retain, Buffer.from(next.bytes).toString()]).toEqual([false, "three"]);
  });
});
