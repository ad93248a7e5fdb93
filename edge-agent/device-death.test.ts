/** A device that stops answering, as a host sees it: real agent, real broker, real simulated device. */
import { writeCommand } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { type SimulatedDevice, startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, expect, test } from "vitest";
import { startAedes } from "./testing/brokers.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "./testing/test-agent.ts";
import { type Arrival, TestHost } from "./testing/test-host.ts";

const GATE = "access-gate/generic-modbus-controller";
/** A device is given up after three failed exchanges, with back-off between, and that several times over. */
const TEST_MS_MAX = 180_000;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Scene {
  readonly hub: TestHost;
  readonly gate: SimulatedDevice;
  /** What arrived of the gate. */
  of(...types: string[]): readonly Arrival[];
}

async function begin(acknowledges: (arrival: Arrival) => boolean = () => true): Promise<Scene> {
  const broker = await startAedes();
  closing.push(() => broker.stop());
  const profile = findProfile(GATE);
  if (profile === undefined) throw new Error(`no profile ${GATE}`);
  const gate = await startSimulator(profile);
  closing.push(() => gate.close());
  const hub = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE, acknowledges });
  closing.push(() => hub.stop());
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const settings = configuration(broker.url, [device("gate-1", GATE, gate.url)]);
  const agent = startAgent(settings, folder.path);
  closing.push(() => agent.stop());
  const of = (...types: string[]) =>
    hub.arrivals.filter(({ device: id, type }) => id === "gate-1" && types.includes(type));
  return { hub, gate, of };
}

const says = (online: boolean, { samples }: Arrival): boolean =>
  samples.some(({ metric, value }) => metric === "Connectivity/Online" && value === online);

/** What a host that takes a death at its word could not read. */
function saidWhileDead(arrivals: readonly Arrival[]): readonly Arrival[] {
  let isDead = false;
  return arrivals.filter(({ type }) => {
    if (type === "DBIRTH") isDead = false;
    const refused = isDead;
    if (type === "DDEATH") isDead = true;
    return refused;
  });
}

test("a device that stops answering reports so, and then dies; it is born again when it is back [tck-id-operational-behavior-device-ddeath]", {
  timeout: TEST_MS_MAX,
}, async () => {
  const { gate, hub, of } = await begin();
  await hub.until(() => of("DDATA").some((each) => says(true, each)));
  await gate.fault("down");
  await hub.until(() => of("DDEATH").length === 1);
  const life = of("DBIRTH", "DDATA", "DDEATH");
  const lastWord = life.findLast(({ type }) => type === "DDATA");
  expect(lastWord !== undefined && says(false, lastWord)).toBe(true);
  const born = of("DBIRTH").length;
  await gate.fault(null);
  await hub.until(() => of("DBIRTH").length === born + 1);
  expect(says(true, of("DBIRTH").at(-1) as Arrival)).toBe(true);
  const before = of("DDATA").length;
  gate.set("Door/Open", true);
  await hub.until(() =>
    of("DDATA")
      .slice(before)
      .some(({ samples }) => samples.some(({ metric, value }) => metric === "Door/Open" && value === true)),
  );
  expect(saidWhileDead(of("DBIRTH", "DDATA", "DDEATH"))).toEqual([]);
});

test("it lives until its last report is acknowledged: a host that keeps silent would otherwise refuse what comes again", {
  timeout: TEST_MS_MAX,
}, async () => {
  let willing = true;
  const { gate, hub, of } = await begin((arrival) => willing || !says(false, arrival));
  await hub.until(() => of("DDATA").some((each) => says(true, each)));
  willing = false;
  await gate.fault("down");
  const isReport = (each: Arrival) => each.type === "DDATA" && says(false, each);
  await hub.until(() => of("DDATA").some(isReport));
  // A birth of everything lets the death out where it is not held back.
  const births = of("DBIRTH").length;
  await hub.rebirth();
  await hub.until(() => of("DBIRTH").length > births && of("DDATA").filter(isReport).length >= 2);
  expect(of("DDEATH")).toEqual([]);
  willing = true;
  await hub.rebirth();
  await hub.until(() => of("DDEATH").length === 1);
  // Once when it happened, and after each birth; more where acknowledgements were awaited for longer than they are.
  expect(of("DDATA").filter(isReport).length).toBeGreaterThanOrEqual(3);
});

test("one that never answered is born all the same, and dies right after each of its births", {
  timeout: TEST_MS_MAX,
}, async () => {
  const { gate, hub, of } = await begin();
  await gate.fault("down");
  await hub.until(() => of("DDEATH").length === 1);
  await hub.rebirth();
  await hub.until(() => of("DDEATH").length === 2);
  const [birth, death] = of("DBIRTH", "DDEATH").slice(-2);
  expect([birth?.type, death?.type]).toEqual(["DBIRTH", "DDEATH"]);
  expect(death?.seq).toBe((birth?.seq ?? 0) + 1);
  const metrics = new Map(birth?.samples.map(({ metric, value }) => [metric, value]));
  expect(metrics.get("Connectivity/Online")).toBe(false);
  expect(metrics.get("Properties/Class")).toBe("access-gate");
});

test("what a command to a dead device came to is told by its box", { timeout: TEST_MS_MAX }, async () => {
  const { gate, hub, of } = await begin();
  await gate.fault("down");
  await hub.until(() => of("DDEATH").length === 1);
  const to = { campus: CampusId(CAMPUS), node: NodeId(NODE), device: DeviceId("gate-1") };
  await hub.publish(writeCommand(to, { id: "c-1", metric: "Door/Unlocked", value: true }, Date.now()));
  const results = () =>
    hub.arrivals.filter(({ events }) => events.some(({ event }) => event === "Command/Result"));
  await hub.until(() => results().length === 1);
  expect(results()[0]).toMatchObject({
    type: "NDATA",
    events: [{ fields: { command: "c-1", state: "refused" } }],
  });
  expect(of("DBIRTH", "DDEATH").at(-1)?.type).toBe("DDEATH");
});
