import { writeCommand } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, expect, test } from "vitest";
import { startAedes } from "./testing/brokers.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "./testing/test-agent.ts";
import { TestHost } from "./testing/test-host.ts";

const ROOM = "environment-sensor/generic-room-monitor";
const DEVICE = DeviceId("room-1");
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function campus() {
  const broker = await startAedes();
  closing.push(() => broker.stop());
  const profile = findProfile(ROOM);
  if (profile === undefined) throw new Error("no room monitor");
  const room = await startSimulator(profile);
  closing.push(() => room.close());
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const hub = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE });
  closing.push(() => hub.stop());
  const agentAt = (path = `990100/990102/${CAMPUS}/a/1/101`) => {
    const settings = { ...device("room-1", ROOM, room.url), commissioning: true, path };
    return startAgent(configuration(broker.url, [settings]), folder.path);
  };
  const latest = (metric: string) =>
    hub.arrivals
      .flatMap(({ samples }) => samples)
      .filter((each) => each.metric === metric)
      .at(-1);
  return { agentAt, hub, latest, room };
}

test("nothing it says counts until it is plausible and the hub confirms it; that survives a restart", async () => {
  const { agentAt, hub, latest, room } = await campus();
  room.set("Environment/Temperature", 300);
  const agent = agentAt();
  await hub.until(() => latest("Environment/CO2")?.value === 620);
  expect(latest("Environment/CO2")?.quality).toEqual({ status: "uncertain", reason: "commissioning" });
  expect(latest("Commissioning/State")?.value).toBe("checking");

  const early = await agent.confirm(DEVICE, false);
  expect(early).toEqual({
    state: "refused",
    detail: "its readings are not plausible: Environment/Temperature: 300 (out-of-range)",
  });
  room.set("Environment/Temperature", 21);
  await hub.until(() => latest("Commissioning/State")?.value === "waiting");

  const address = { campus: CampusId(CAMPUS), node: NodeId(NODE), device: DEVICE };
  await hub.publish(
    writeCommand(address, { metric: "Commissioning/State", value: "confirmed", id: "c-1" }, Date.now()),
  );
  await hub.until(() => latest("Commissioning/State")?.value === "confirmed");
  await hub.until(() => latest("Environment/CO2")?.quality.status === "good");
  await hub.until(() => latest("Connectivity/Online")?.quality.status === "good");
  await agent.stop();

  hub.arrivals.length = 0;
  const again = agentAt();
  await hub.until(() => latest("Environment/CO2")?.value === 620);
  expect(latest("Environment/CO2")?.quality).toEqual({ status: "good" });
  expect(again.commissioning()).toMatchObject([{ device: "room-1", state: "confirmed", wrong: [] }]);
  await again.stop();

  // At another place it is another device, as far as anybody knows.
  hub.arrivals.length = 0;
  const moved = agentAt(`990100/990102/${CAMPUS}/b/2/201`);
  closing.push(() => moved.stop());
  await hub.until(() => latest("Environment/CO2")?.value === 620);
  expect(latest("Environment/CO2")?.quality).toEqual({ status: "uncertain", reason: "commissioning" });
});

test("a person may confirm a device whose readings are wrong; they stay bad", async () => {
  const { agentAt, hub, latest, room } = await campus();
  room.set("Environment/Temperature", 300);
  const agent = agentAt();
  closing.push(() => agent.stop());
  await hub.until(() => latest("Environment/CO2")?.value === 620);
  expect(await agent.confirm(DEVICE, true)).toEqual({ state: "confirmed", detail: "" });
  await hub.until(() => latest("Environment/CO2")?.quality.status === "good");
  expect(latest("Environment/Temperature")?.quality).toEqual({ status: "bad", reason: "out-of-range" });
  expect(await agent.confirm(DeviceId("nobody"), true)).toMatchObject({ state: "refused" });
});
