import { disputeCommand, twinCommand } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { createLog } from "@campus-ops/service";
import { afterEach, expect, test } from "vitest";
import { IdentityWatch, TWIN_MEMORY_MS, TWIN_WAIT_MS_MAX, TWIN_WAIT_MS_MIN } from "./identity.ts";
import { startAedes } from "./testing/brokers.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "./testing/test-agent.ts";
import { type Arrival, TestHost } from "./testing/test-host.ts";

const GATE = "access-gate/generic-modbus-controller";
const node = { campus: CampusId(CAMPUS), node: NodeId(NODE) };
const closing: (() => unknown)[] = [];

function owned<T>(thing: T, end: (thing: T) => unknown): T {
  closing.push(() => end(thing));
  return thing;
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An agent with one gate, on a broker with a host that acknowledges when it is told to. */
async function started(acknowledges: (arrival: Arrival) => boolean) {
  const broker = owned(await startAedes(), (each) => each.stop());
  const profile = findProfile(GATE);
  if (profile === undefined) throw new Error("no gate profile");
  const gate = owned(await startSimulator(profile), (each) => each.close());
  const hub = owned(
    await TestHost.start({ campus: CAMPUS, node: NODE, url: broker.url, acknowledges }),
    (each) => each.stop(),
  );
  const folder = owned(temporaryFolder(), (each) => each.remove());
  const settings = configuration(broker.url, [device("gate-1", GATE, gate.url)]);
  const agent = owned(startAgent(settings, folder.path), (each) => each.stop());
  return { agent, hub };
}

test("a box whose host holds what it never sent numbers anew, is born again, and sends everything that waits", async () => {
  const { agent, hub } = await started(
    ({ run }) => run?.epoch !== hub.arrivals.find((each) => each.run)?.run?.epoch,
  );
  await hub.until(() => hub.arrivals.some(({ run }) => run !== undefined));
  const before = agent.outbox.epoch;
  const dispute = disputeCommand(node, { epoch: before, held: 1_000_000 }, Date.now());
  await hub.publish(dispute);
  // Told twice, as a host does that has not seen the new birth yet.
  await hub.publish(dispute);
  await hub.until(() => hub.arrivals.filter(({ type }) => type === "NBIRTH").length === 2);
  const told = () =>
    hub.arrivals.flatMap(({ events }) => events.filter(({ event }) => event === "Edge/Loss"));
  await hub.until(() => told().length > 0);
  expect(told()[0]?.fields.reason).toBe("restored");
  const renewed = agent.outbox.epoch;
  expect(renewed).toBeGreaterThan(before);
  const birth = hub.arrivals.findLastIndex(({ type }) => type === "NBIRTH");
  await expect.poll(() => agent.outbox.recordCount).toBe(0);
  const since = hub.arrivals.slice(birth).flatMap(({ run }) => (run === undefined ? [] : [run]));
  expect(new Set(since.map(({ epoch }) => epoch))).toEqual(new Set([renewed]));
  const old = hub.arrivals.slice(0, birth).flatMap(({ run }) => (run === undefined ? [] : [run.first]));
  expect(since.map(({ first }) => first)).toEqual(expect.arrayContaining(old));
});

test("a box that is told of its twin says so, durable and to its hub", async () => {
  const { hub } = await started(() => true);
  await hub.until(() => hub.arrivals.some(({ run }) => run !== undefined));
  await hub.publish(twinCommand(node, [1, 2], Date.now()));
  const twin = () =>
    hub.arrivals.flatMap(({ samples }) => samples.filter(({ metric }) => metric === "Edge/Twin"));
  await hub.until(() => twin().some(({ value, historical }) => value === true && !historical));
});

test("it stays away for minutes after the session in which it was told, once, and forgets its twin after a day", () => {
  const uptime_ms = 0;
  const watch = new IdentityWatch({
    outbox: {
      account: () => ({ epoch: 1, sent: 0, next: 1, skipped: 0, waiting: 0 }),
      recall: () => 0,
      renew: () => undefined,
    },
    clock: { instant: () => ({ wall: 0, uptime_ms }) },
    random: () => 0.5,
    log: createLog("test", "silent"),
    onRenewed: () => undefined,
    onRecalled: () => undefined,
    onTwin: () => undefined,
  });
  expect(watch.stayAway_ms()).toBe(0);
  watch.heard({ twin: [1, 2] });
  expect(watch.stayAway_ms()).toBe((TWIN_WAIT_MS_MIN + TWIN_WAIT_MS_MAX) / 2);
  expect(watch.stayAway_ms()).toBe(0);
  const twinAt = (later: number) => watch.hasTwin({ wall: 0, uptime_ms: later });
  expect([twinAt(TWIN_MEMORY_MS - 1), twinAt(TWIN_MEMORY_MS)]).toEqual([true, false]);
});
