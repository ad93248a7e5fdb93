/** A channel that reaches nobody is an alarm, and the channel that works tells of it. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../testing/api-client.ts";
import { eventually, Happenings } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";

interface Message {
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

const messages = new Happenings<Message>();
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { id, data } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
      id: string;
      data: { subject: string; text: string };
    };
    response.writeHead(204).end();
    messages.add({ id, ...data });
  });
});

let folder: string;
let hub: HubProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-told-"));
  writeFileSync(join(folder, "ingest"), "a-password-of-the-test\n", { mode: 0o600 });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const nobody = `http://127.0.0.1:${await freePort()}/`;
  const mqttPort = await freePort();
  const title = { zh: "值班室", en: "Duty desk" };
  const config = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      site: { city: { code: "990100", title }, counties: [{ code: "990102", title, campuses: [] }] },
      broker: { users: [{ name: "ingest", passwordFile: "ingest", role: "host" }] },
      ingest: { broker: { username: "ingest", passwordFile: "ingest" } },
      notify: {
        channels: { works: { kind: "webhook", url }, dead: { kind: "webhook", url: nobody } },
        desks: { duty: { title, channels: ["works"] } },
        escalation: { 2: [{ desks: ["duty"] }] },
      },
    }),
  );
  hub = await HubProcess.start({ config, mqttPort });
  await hub.ready();
});
afterAll(async () => {
  await hub.stop();
  receiver.close();
  rmSync(folder, { recursive: true });
});

test("a channel that reaches nobody is an alarm, and the channel that works tells of it", async () => {
  const rules = hub.private_("rules");
  // Each test message is an attempt, and three that fail in a row are enough.
  for (let count = 0; count < 3; count += 1) {
    const { status } = await rules.fetch("/channels/dead/test", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ by: "an operator" }),
    });
    expect(status).toBe(202);
  }
  const api = new ApiClient(hub.url);
  const alarm = await eventually("the alarm is raised", async () =>
    (await api.alarms("active")).find(({ rule }) => rule === "platform-service-failing"),
  );
  expect(alarm.device).toMatchObject({ key: "hub/hub/channel-dead", class: "service", path: "990100" });
  const { text } = await messages.until("the desk is told", ({ id }) => id.startsWith(alarm.id));
  expect(text).toContain("平台服务异常");
  const { devices } = await api.devices();
  expect(devices.find(({ key }) => key === alarm.device.key)).toMatchObject({
    health: "faulty",
    metrics: expect.arrayContaining([
      expect.objectContaining({
        name: "Service/ReasonEn",
        value: expect.stringContaining("They are kept") as string,
      }),
    ]) as unknown,
  });
});
