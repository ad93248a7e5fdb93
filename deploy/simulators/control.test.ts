import { once } from "node:events";
import { connect } from "node:net";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Clockwork } from "./clockwork.ts";
import { controlServer } from "./control.ts";
import { timeline } from "./scenario/timeline.ts";
import { World } from "./world.ts";

const SWITCH = "campus/box/switch";
const BUTTON = "campus/box/button";

let world: World;
let server: FastifyInstance;

async function device(key: string, profileId: string, dependsOn?: string) {
  const profile = findProfile(profileId);
  if (profile === undefined) throw new Error(profileId);
  const simulated = await startSimulator(profile);
  return { key, profile: profileId, simulated, ...(dependsOn === undefined ? {} : { dependsOn }) };
}

beforeEach(async () => {
  world = new World([
    await device(SWITCH, "switch/generic-poe"),
    await device(BUTTON, "panic-button/generic-supervised-input", SWITCH),
    await device("campus/box/gate", "access-gate/generic-modbus-controller", SWITCH),
  ]);
  const clock = { position_ms: () => 0, after: () => () => undefined };
  server = controlServer(world, new Clockwork(timeline(1_000, []), clock, () => undefined), 1_000);
});
afterEach(async () => {
  await server.close();
  await world.close();
});

/** True when a device's port lets somebody in. */
async function answers(key: string): Promise<boolean> {
  const { port, hostname } = new URL(world.list().find((each) => each.key === key)?.url ?? "");
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const call = (method: "GET" | "PUT" | "POST", url: string, payload?: object) =>
  server.inject({ method, url, ...(payload === undefined ? {} : { payload }) });

describe("the control of the simulated devices", () => {
  test("moves a point and reads it back", async () => {
    const url = `/devices/${BUTTON}/points/Panic/Pressed`;
    expect((await call("PUT", url, { value: true })).statusCode).toBe(204);
    expect((await call("GET", url)).json()).toEqual({ value: true });
  });

  test("raises an event", async () => {
    const fields = { credential: "0400000001", result: "granted", reason: "none", direction: "in" };
    const answer = await call("POST", "/devices/campus/box/gate/events/Access/Swipe", fields);
    expect(answer.statusCode).toBe(204);
  });

  test.each([
    ["PUT", `/devices/campus/box/nobody/points/Panic/Pressed`, { value: true }, 404],
    ["PUT", `/devices/${BUTTON}/points/Door/Open`, { value: true }, 404],
    ["POST", `/devices/${BUTTON}/events/Access/Swipe`, {}, 404],
    ["PUT", `/devices/campus/box/nobody/fault`, { fault: "down" }, 404],
    ["PUT", `/devices/${BUTTON}/fault`, { fault: "on fire" }, 400],
    ["PUT", `/devices/${BUTTON}/points/Panic/Pressed`, { values: true }, 400],
  ] as const)("%s %s with %j is refused with %d", async (method, url, body, status) => {
    const answer = await call(method, url, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status });
  });

  test("a switch that goes down takes what hangs from it along, and brings it back", async () => {
    expect(await answers(BUTTON)).toBe(true);
    await call("PUT", `/devices/${SWITCH}/fault`, { fault: "down" });
    expect(await answers(BUTTON)).toBe(false);
    await call("PUT", `/devices/${SWITCH}/fault`, { fault: null });
    expect(await answers(BUTTON)).toBe(true);
  });

  test("a device that is broken itself stays so when its switch comes back", async () => {
    await call("PUT", `/devices/${BUTTON}/fault`, { fault: "down" });
    await call("PUT", `/devices/${SWITCH}/fault`, { fault: "down" });
    await call("PUT", `/devices/${SWITCH}/fault`, { fault: null });
    expect(await answers(BUTTON)).toBe(false);
    expect(await answers("campus/box/gate")).toBe(true);
  });

  test("starts and stops the scenario", async () => {
    expect((await call("POST", "/scenario", { running: true })).json()).toMatchObject({ running: true });
    expect((await call("POST", "/scenario", { running: false })).json()).toMatchObject({ running: false });
    expect((await call("GET", "/scenario")).json()).toEqual({
      running: false,
      position_ms: 0,
      length_ms: 1_000,
    });
  });
});
