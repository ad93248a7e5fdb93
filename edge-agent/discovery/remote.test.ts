/** A whole agent, its file, a device on its real protocol, and a host that writes to the node. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCommand } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, expect, test } from "vitest";
import { startAedes } from "../testing/brokers.ts";
import { temporaryFolder } from "../testing/test-agent.ts";
import { TestHost } from "../testing/test-host.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;
const ROOM = "environment-sensor/generic-room-monitor";
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function box(discovery: (port: string) => string) {
  const broker = await startAedes();
  closing.push(() => broker.stop());
  const profile = findProfile(ROOM);
  if (profile === undefined) throw new Error(`no profile ${ROOM}`);
  const room = await startSimulator(profile);
  closing.push(() => room.close());
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const file = join(folder.path, "edge.yaml");
  writeFileSync(join(folder.path, "login"), "secret\n", { mode: 0o600 });
  writeFileSync(
    file,
    `campus: { id: qiyun-no1, path: 990100/990102/qiyun-no1 }
node: { id: box-1, title: { zh: 边缘盒, en: Edge box } } # 机房
broker: { url: "${broker.url}" }
${discovery(new URL(room.url).port)}devices: []
`,
  );
  const host = await TestHost.start({ url: broker.url, campus: "qiyun-no1", node: "box-1" });
  closing.push(() => host.stop());
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      CAMPUS_OPS_CONFIG: file,
      CAMPUS_OPS_DATA: folder.path,
      CAMPUS_OPS_RUN: join(folder.path, "run"),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  closing.push(async () => {
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGKILL");
    await ended;
  });
  const events = (name: string) =>
    host.arrivals.flatMap((each) => each.events).filter(({ event }) => event === name);
  const latest = (device: string, metric: string) =>
    host.arrivals
      .filter((each) => each.device === device)
      .flatMap(({ samples }) => samples)
      .filter((each) => each.metric === metric)
      .at(-1)?.value;
  let count = 0;
  const write = async (metric: string, value: string, device?: string) => {
    count += 1;
    const id = `c-${count}`;
    const to = { campus: CampusId("qiyun-no1"), node: NodeId("box-1") };
    const address = device === undefined ? to : { ...to, device: DeviceId(device) };
    await host.publish(writeCommand(address, { metric, value, id }, Date.now()));
    const result = () => events("Command/Result").find(({ fields }) => fields.command === id)?.fields;
    await host.until(() => result() !== undefined);
    return { state: result()?.state, detail: String(result()?.detail) };
  };
  await host.until(() => host.arrivals.some(({ type }) => type === "NBIRTH"));
  return { room, host, events, latest, write, text: () => readFileSync(file, "utf8") };
}

test("a hub has a box search, takes what was found in, corrects its place, and has it confirmed; then it is the box's own", async () => {
  const { events, host, latest, room, text, write } = await box(
    (port) => `discovery: # 只限本机
  ranges: 127.0.0.1
  protocols: [modbus]
  rate: 200
  ports: { modbus: ${port} }
  logins: [{ name: cameras, username: viewer, secretFile: login }]
`,
  );
  expect(latest("", "Discovery/Ranges")).toBe("127.0.0.1");
  expect(latest("", "Discovery/Logins")).toBe("cameras");
  expect(await write("Discovery/Search", "{}")).toEqual({ state: "confirmed", detail: "" });
  await host.until(() => events("Discovery/Progress").some(({ fields }) => fields.state === "done"));
  const [found] = events("Discovery/Found");
  expect(found?.fields).toMatchObject({ search: "c-1", protocol: "modbus", url: room.url, device: "" });
  expect(JSON.parse(String(found?.fields.matches))).toContainEqual(
    expect.objectContaining({ confidence: 0.1 }),
  );

  const stanza = {
    id: "room-1",
    profile: ROOM,
    title: { zh: "一班", en: "Room one" },
    at: "a/1/101",
    url: room.url,
    login: "cameras",
    poll: "200ms",
  };
  expect(await write("Discovery/Adopt", JSON.stringify(stanza))).toEqual({ state: "confirmed", detail: "" });
  await host.until(() => latest("room-1", "Commissioning/State") === "waiting");
  expect(await write("Discovery/Adopt", JSON.stringify({ ...stanza, at: "a/1/102" }))).toMatchObject({
    state: "confirmed",
  });
  await host.until(() => latest("room-1", "Properties/Path") === "990100/990102/qiyun-no1/a/1/102");
  await host.until(() => latest("room-1", "Commissioning/State") === "waiting");
  expect(text()).toContain("# 机房");
  expect(text()).toContain("secretFile: login");

  expect((await write("Commissioning/State", "confirmed", "room-1")).state).toBe("confirmed");
  const { detail, state } = await write("Discovery/Adopt", JSON.stringify({ ...stanza, at: "a/1/103" }));
  expect([state, detail]).toEqual(["refused", expect.stringContaining("is in service")]);
  expect((await write("Discovery/Withdraw", "room-1")).detail).toContain("is in service");
  expect((await write("Commissioning/State", "checking", "room-1")).state).toBe("confirmed");
  expect((await write("Discovery/Withdraw", "room-1")).state).toBe("confirmed");
  await host.until(() => host.arrivals.some(({ type, device }) => type === "DDEATH" && device === "room-1"));
  expect(text()).not.toContain("room-1");

  const before = text();
  for (const [metric, value, why] of [
    ["Discovery/Search", '{"ranges":"127.0.0.2"}', "127.0.0.2 is not in 127.0.0.1"],
    ["Discovery/Search", '{"protocols":["snmp"]}', "none of these protocols"],
    ["Discovery/Adopt", JSON.stringify({ ...stanza, url: "modbus://127.0.0.2:502" }), "is not in 127.0.0.1"],
    ["Discovery/Adopt", JSON.stringify({ ...stanza, login: "root" }), "this box has no login root"],
    ["Discovery/Adopt", JSON.stringify({ ...stanza, profile: "nothing/such" }), "there is no profile"],
    ["Discovery/Adopt", JSON.stringify({ ...stanza, secretFile: "/etc/shadow" }), "secretFile"],
    ["Discovery/Adopt", "{", ""],
    ["Discovery/Withdraw", "nobody", "no device nobody"],
  ] as const)
    expect([value, await write(metric, value)]).toEqual([
      value,
      { state: "refused", detail: expect.stringContaining(why) },
    ]);
  expect(text()).toBe(before);
}, 60_000);

test("a box whose configuration says nothing of it offers no search, and refuses one", async () => {
  const { latest, write } = await box(() => "");
  expect(latest("", "Discovery/Ranges")).toBeUndefined();
  expect(await write("Discovery/Search", "{}")).toMatchObject({ state: "refused" });
}, 60_000);
