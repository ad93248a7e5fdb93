import { writeCommand } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, describe, expect, test } from "vitest";
import type { Outbox } from "./outbox/outbox.ts";
import { hasMosquitto, startAedes, startMosquitto } from "./testing/brokers.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "./testing/test-agent.ts";
import { type Arrival, TestHost, type TestHostOptions } from "./testing/test-host.ts";

const GATE = "access-gate/generic-modbus-controller";
const closing: (() => unknown)[] = [];

/** Ends with the test, the last begun first. */
function owned<T>(thing: T, end: (thing: T) => unknown): T {
  closing.push(() => end(thing));
  return thing;
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const servers = [
  ["aedes", () => startAedes()] as const,
  ...(hasMosquitto ? [["mosquitto", startMosquitto] as const] : []),
];

async function simulated(profileId: string) {
  const profile = findProfile(profileId);
  if (profile === undefined) throw new Error(`no profile ${profileId}`);
  return owned(await startSimulator(profile), (each) => each.close());
}

async function host(options: Omit<TestHostOptions, "campus" | "node">): Promise<TestHost> {
  return owned(await TestHost.start({ campus: CAMPUS, node: NODE, ...options }), (each) => each.stop());
}

const swipes = (arrivals: readonly Arrival[]) =>
  arrivals.flatMap(({ events }) => events.filter(({ event }) => event === "Access/Swipe"));

const holdsSwipe = (outbox: Outbox): boolean =>
  outbox
    .next(100, new Map(), ["access"])
    .some(({ metrics }) => metrics.some(({ name }) => name === "Access/Swipe"));

const swipe = (serial: number) => ({
  serial,
  credential: `A0${String(serial).padStart(4, "0")}`,
  result: "granted",
  reason: "none",
  direction: "in",
});

describe.each(servers)("an agent on %s", (_name, startBroker) => {
  test("is born with its device, reports a change, and forgets it once acknowledged", async () => {
    const broker = owned(await startBroker(), (each) => each.stop());
    const gate = await simulated(GATE);
    const hub = await host({ url: broker.url });
    const folder = owned(temporaryFolder(), (each) => each.remove());
    const agent = owned(
      startAgent(configuration(broker.url, [device("gate-1", GATE, gate.url)]), folder.path),
      (each) => each.stop(),
    );

    await hub.until(() => hub.arrivals.some(({ type, device: id }) => type === "DBIRTH" && id === "gate-1"));
    expect(hub.arrivals[0]).toMatchObject({ type: "NBIRTH", seq: 0, retain: false, qos: 0 });
    const samplesOf = (metric: string) =>
      hub.arrivals.flatMap(({ samples }) => samples.filter((each) => each.metric === metric));
    await hub.until(() => samplesOf("Connectivity/Online").some(({ value }) => value === true));
    gate.set("Door/Open", true);
    await hub.until(() => samplesOf("Door/Open").some(({ value }) => value === true));
    expect(samplesOf("Door/Open").findLast(({ value }) => value === true)?.historical).toBe(false);
    await expect.poll(() => agent.outbox.recordCount).toBe(0);
  });

  test("loses and doubles no swipe although acknowledgements are lost and the host goes away", async () => {
    const broker = owned(await startBroker(), (each) => each.stop());
    const gate = await simulated(GATE);
    const folder = owned(temporaryFolder(), (each) => each.remove());
    const settings = { ...configuration(broker.url, [device("gate-1", GATE, gate.url)]), primaryHost: "hub" };
    // Every second acknowledgement is lost.
    let arrivals = 0;
    const acknowledges = (): boolean => {
      arrivals += 1;
      return arrivals % 2 === 0;
    };
    const deaf = await host({ url: broker.url, id: "hub", acknowledges });
    const agent = owned(startAgent(settings, folder.path), (each) => each.stop());
    await deaf.until(() => agent.node.born);
    await expect.poll(() => [...agent.devices()][0]?.model.online).toBe(true);

    for (let serial = 1; serial <= 20; serial += 1) gate.raise("Access/Swipe", swipe(serial));
    await deaf.until(() => swipes(deaf.arrivals).length >= 20);
    await deaf.state(false);
    await deaf.until(() => deaf.arrivals.some(({ type }) => type === "NDEATH"));
    for (let serial = 21; serial <= 40; serial += 1) gate.raise("Access/Swipe", swipe(serial));
    await deaf.state(true);
    await deaf.until(() => new Set(swipes(deaf.distinct()).map(({ id }) => id)).size >= 40);

    const found = swipes(deaf.distinct()).map(({ id }) => id);
    expect(found).toHaveLength(40);
    expect(new Set(found).size).toBe(40);
  });
});

test("commands are confirmed by read-back and refused with a reason", async () => {
  const broker = owned(await startAedes(), (each) => each.stop());
  const gate = await simulated(GATE);
  const hub = await host({ url: broker.url });
  const folder = owned(temporaryFolder(), (each) => each.remove());
  owned(startAgent(configuration(broker.url, [device("gate-1", GATE, gate.url)]), folder.path), (each) =>
    each.stop(),
  );
  await hub.until(() =>
    hub.arrivals.some(({ samples }) =>
      samples.some((each) => each.metric === "Connectivity/Online" && each.value === true),
    ),
  );

  const to = { campus: CampusId(CAMPUS), node: NodeId(NODE), device: DeviceId("gate-1") };
  const results = () =>
    hub.arrivals.flatMap(({ events }) =>
      events.filter(({ event }) => event === "Command/Result").map(({ fields }) => fields),
    );
  await hub.publish(writeCommand(to, { id: "c-1", metric: "Door/Unlocked", value: true }, Date.now()));
  await hub.until(() => results().some(({ command }) => command === "c-1"));
  expect(results().find(({ command }) => command === "c-1")).toMatchObject({
    state: "confirmed",
    metric: "Door/Unlocked",
  });
  expect(gate.get("Door/Unlocked")).toBe(true);

  await hub.publish(writeCommand(to, { id: "c-2", metric: "Door/Open", value: true }, Date.now()));
  await hub.until(() => results().some(({ command }) => command === "c-2"));
  expect(results().find(({ command }) => command === "c-2")).toMatchObject({ state: "refused" });
});

test("a rebirth says everything again with seq from 0, and what is unknown to the host never flows", async () => {
  const broker = owned(await startAedes(), (each) => each.stop());
  const gate = await simulated(GATE);
  const hub = await host({ url: broker.url });
  const folder = owned(temporaryFolder(), (each) => each.remove());
  owned(startAgent(configuration(broker.url, [device("gate-1", GATE, gate.url)]), folder.path), (each) =>
    each.stop(),
  );
  const births = (type: string) => hub.arrivals.filter((each) => each.type === type);
  await hub.until(() => births("DBIRTH").length > 0);
  const [before] = [births("NBIRTH").length];
  await hub.rebirth();
  await hub.until(() => births("NBIRTH").length === before + 1);
  const after = () => hub.arrivals.slice(hub.arrivals.findLastIndex(({ type }) => type === "NBIRTH"));
  gate.set("Door/Open", true);
  await hub.until(() =>
    after().some(
      ({ samples, type }) => type === "DDATA" && samples.some(({ metric }) => metric === "Door/Open"),
    ),
  );
  expect(after().map(({ seq }) => seq)).toEqual(after().map((_, index) => index % 256));
  expect(after()[1]?.type).toBe("DBIRTH");
});

test("waits for its primary host, keeps reporting meanwhile, and tells it afterwards as history", async () => {
  const broker = owned(await startAedes(), (each) => each.stop());
  const gate = await simulated(GATE);
  const hub = await host({ url: broker.url });
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const settings = { ...configuration(broker.url, [device("gate-1", GATE, gate.url)]), primaryHost: "hub" };
  const agent = owned(startAgent(settings, folder.path), (each) => each.stop());
  await expect.poll(() => [...agent.devices()][0]?.model.online).toBe(true);
  gate.raise("Access/Swipe", swipe(1));
  await expect.poll(() => holdsSwipe(agent.outbox)).toBe(true);
  expect(hub.arrivals).toEqual([]);
  await hub.state(true);
  await hub.until(() => swipes(hub.arrivals).length > 0);
  expect(swipes(hub.arrivals)).toMatchObject([{ historical: true }]);
});

test("records of a device that is configured no more still reach the host", async () => {
  const broker = owned(await startAedes(), (each) => each.stop());
  const gate = await simulated(GATE);
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const nowhere = configuration("mqtt://127.0.0.1:1", [device("gate-1", GATE, gate.url)]);
  const first = startAgent(nowhere, folder.path);
  gate.raise("Access/Swipe", swipe(1));
  await expect.poll(() => holdsSwipe(first.outbox)).toBe(true);
  await first.stop();

  const hub = await host({ url: broker.url });
  const second = owned(startAgent(configuration(broker.url, []), folder.path), (each) => each.stop());
  await hub.until(() => swipes(hub.arrivals).length > 0);
  await expect.poll(() => second.outbox.recordCount).toBe(0);
});

test("random bytes as a command are counted and change nothing", async () => {
  const broker = owned(await startAedes(), (each) => each.stop());
  const hub = await host({ url: broker.url });
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const agent = owned(startAgent(configuration(broker.url, []), folder.path), (each) => each.stop());
  await hub.until(() => agent.node.born);
  const payload = Uint8Array.from([255, 255, 255, 255, 1, 2, 3]);
  await hub.publish({ topic: `spBv1.0/${CAMPUS}/NCMD/${NODE}`, payload, qos: 0, retain: false });
  await expect.poll(() => agent.malformed).toBe(1);
  expect(agent.node.born).toBe(true);
});
