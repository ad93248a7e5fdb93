import { stateMessage } from "@campus-ops/broker/sparkplug";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import { NOBODY, startAedes, startMosquitto, type TestBroker } from "../testing/brokers.ts";
import { clock } from "../testing/test-agent.ts";
import { TestHost } from "../testing/test-host.ts";
import { EdgeNode } from "./edge-node.ts";

const CAMPUS = "qiyun-no1";
const NODE = "box-1";
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function broker(start: () => Promise<TestBroker>): Promise<TestBroker> {
  const started = await start();
  closing.push(() => started.stop());
  return started;
}

async function hostOn({ url }: TestBroker): Promise<TestHost> {
  const host = await TestHost.start({ url, campus: CAMPUS, node: NODE });
  closing.push(() => host.stop());
  return host;
}

const state = (online: boolean, timestamp: number) => stateMessage("hub", { online, timestamp });
const types = (host: TestHost) => host.arrivals.map(({ type }) => type);

/** A node that knows the servers in this order; what it used as bdSeq, and where it is connected. */
function edgeNode(brokers: readonly Pick<TestBroker, "url">[], hostWait_ms?: number) {
  const bdSeqs: number[] = [];
  const connections: string[] = [];
  const node = new EdgeNode({
    campus: CampusId(CAMPUS),
    node: NodeId(NODE),
    brokers: brokers.map(({ url }) => ({ url })),
    primaryHost: "hub",
    numbered: false,
    births: { node: () => [], devices: () => [], device: () => [] },
    bdSeq: 0,
    keepBdSeq: (next) => bdSeqs.push(next - 1),
    onBorn: () => undefined,
    onEnded: () => undefined,
    onAcknowledgement: () => undefined,
    onCommand: () => undefined,
    onMalformed: () => undefined,
    onConnection: (event, detail) => {
      if (event !== "born") connections.push(event === "connected" ? detail : "ended");
    },
    clock,
    random: () => 0,
    ...(hostWait_ms === undefined ? {} : { hostWait_ms }),
  });
  const stopping = new AbortController();
  const running = node.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  closing.push(stop);
  return { bdSeqs, connections, node, stop };
}

describe("an edge node with two servers", () => {
  test("goes where its primary host is online, says goodbye where it is not, with a bdSeq for each CONNECT [tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk] [tck-id-operational-behavior-primary-application-state-with-multiple-servers-single-server] [tck-id-operational-behavior-edge-node-termination-host-offline-reconnect] [tck-id-operational-behavior-primary-application-state-with-multiple-servers-state-subs]", async () => {
    const [first, second] = [await broker(startAedes), await broker(startMosquitto)];
    const [hostOnFirst, hostOnSecond] = [await hostOn(first), await hostOn(second)];
    await hostOnFirst.publish(state(true, 1_000));
    await hostOnSecond.publish(state(false, 1_000));
    const { bdSeqs, connections, node } = edgeNode([first, second]);
    await hostOnFirst.until(() => types(hostOnFirst).includes("NBIRTH"));

    // Offline with an older time is the late will of a session that has been replaced; nothing happens.
    await hostOnFirst.publish(state(false, 999));
    await hostOnFirst.rebirth();
    await hostOnFirst.until(() => types(hostOnFirst).filter((type) => type === "NBIRTH").length === 2);

    await hostOnSecond.publish(state(true, 2_000));
    await hostOnFirst.publish(state(false, 1_001));
    await hostOnSecond.until(() => types(hostOnSecond).includes("NBIRTH"));
    // Each server delivers at its own pace.
    await hostOnFirst.until(() => types(hostOnFirst).includes("NDEATH"));
    expect(types(hostOnFirst)).toEqual(["NBIRTH", "NBIRTH", "NDEATH"]);
    expect(connections).toEqual([first.url, "ended", second.url]);
    expect(bdSeqs).toEqual([0, 1]);

    // And back, once the host has moved: the second is left although the first has to be walked to again.
    await hostOnFirst.publish(state(true, 3_000));
    await hostOnSecond.publish(state(false, 2_000));
    await hostOnFirst.until(() => types(hostOnFirst).filter((type) => type === "NBIRTH").length === 3);
    expect(node.born).toBe(true);
    expect(bdSeqs).toEqual([0, 1, 2]);
  });

  test("does not stay on a server where its primary host never said anything", async () => {
    const [silent, hub] = [await broker(startAedes), await broker(startAedes)];
    const host = await hostOn(hub);
    await host.publish(state(true, 1_000));
    const { connections } = edgeNode([silent, hub], 200);
    await host.until(() => types(host).includes("NBIRTH"));
    // On a slow machine the host's word may take longer than it waits, and it comes by again.
    expect(connections.slice(0, 3)).toEqual([silent.url, "ended", hub.url]);
  });

  test("passes over a server that is down, and the bdSeq counts CONNECTs, not attempts", async () => {
    const [down, up] = [{ url: NOBODY }, await broker(startAedes)];
    const host = await hostOn(up);
    await host.publish(state(true, 1_000));
    const { bdSeqs, stop } = edgeNode([down, up]);
    await host.until(() => types(host).includes("NBIRTH"));
    // Kept for the first attempt, given back when the CONNECT did not leave, and used by the second.
    expect(bdSeqs).toEqual([0, -1, 0]);
    await stop();
    await host.until(() => types(host).includes("NDEATH"));
  });
});
