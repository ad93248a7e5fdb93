/** Flows of the campus's own beside the platform: they raise alarms, and nothing of the platform waits for them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";

let folder: string;
let hub: HubProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-flows-"));
  writeFileSync(join(folder, "ingest"), "a-password-of-the-test\n", { mode: 0o600 });
  const title = { zh: "学校", en: "School" };
  const config = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      site: { city: { code: "990100", title }, counties: [{ code: "990102", title, campuses: [] }] },
      broker: { users: [{ name: "ingest", passwordFile: "ingest", role: "host" }] },
      ingest: { broker: { username: "ingest", passwordFile: "ingest" } },
      flows: { enabled: true },
    }),
  );
  hub = await HubProcess.start({ config, mqttPort: await freePort() });
  await hub.ready();
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true });
});

const deploy = (flows: readonly object[], headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${hub.url}/flows/flows`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(flows),
  });

test("the editor is behind the console's own door, and lets no other site's page in", async () => {
  const page = await fetch(`${hub.url}/flows/`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("<title>campus-ops</title>");
  expect((await deploy([], { origin: "http://evil.example" })).status).toBe(403);
  const socket = new WebSocket(`${hub.url.replace("http", "ws")}/flows/comms`);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  socket.close();
});

test("a flow raises an alarm; the platform goes on when the flows are killed, and they come back as they were", async () => {
  const flows = [
    { id: "t", type: "tab", label: "t" },
    {
      id: "i",
      type: "inject",
      z: "t",
      once: true,
      onceDelay: 0.1,
      props: [{ p: "payload", v: "true", vt: "bool" }],
      wires: [["a"]],
    },
    {
      id: "a",
      type: "campus-alarm",
      z: "t",
      alarm: "too-hot",
      titleZh: "机房过热",
      priority: 2,
      textZh: "请看空调",
      wires: [[]],
    },
  ];
  expect((await deploy(flows)).status).toBe(204);
  const api = new ApiClient(hub.url);
  const alarm = await eventually("the flow's alarm is raised", async () =>
    (await api.alarms("active")).find(({ rule }) => rule === "flow-alarm-orange"),
  );
  expect(alarm.device).toMatchObject({ key: "hub/hub/flow-too-hot", title: { zh: "机房过热" } });

  process.kill(hub.pid("node-red"), "SIGKILL");
  expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
  expect((await api.alarms("active")).map(({ id }) => id)).toContain(alarm.id);
  const again = await eventually("the editor is back", async () => {
    const answer = await fetch(`${hub.url}/flows/flows`, { headers: { accept: "application/json" } });
    return answer.ok ? ((await answer.json()) as { id: string }[]) : undefined;
  });
  expect(again.map(({ id }) => id).sort()).toEqual(["a", "i", "t"]);
});
