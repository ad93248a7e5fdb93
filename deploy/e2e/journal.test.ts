/** One hub, one edge agent, one device: what comes of a fault is the same, wherever the journal is. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NatsServer } from "@campus-ops/broker/journal/testing/nats-server";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";

const CAMPUS = "school";

let folder: string;
let nats: NatsServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-journal-"));
  nats = await NatsServer.start();
});
afterAll(async () => {
  await nats.stop();
  rmSync(folder, { recursive: true });
});

async function faultWith(name: string, journal: object) {
  const profile = findProfile("projector/generic-pjlink-class-2");
  if (profile === undefined) throw new Error("no projector profile");
  const projector = await startSimulator(profile);
  const mqttPort = await freePort();
  const write = (file: string, content: object): string => {
    const path = join(folder, `${name}-${file}`);
    writeFileSync(path, stringify(content));
    return path;
  };
  write("edge.yaml", {
    campus: { id: CAMPUS, path: `990100/990102/${CAMPUS}` },
    node: { id: "box-1", title: { zh: "盒", en: "Box" } },
    broker: { url: `mqtt://127.0.0.1:${mqttPort}`, username: CAMPUS, passwordFile: "secrets/edge" },
    primaryHost: "hub",
    devices: [
      {
        id: "projector",
        profile: profile.id,
        title: { zh: "投影机", en: "Projector" },
        at: "desk/1/here",
        url: projector.url,
        poll: "500ms",
      },
    ],
  });
  const config = write("hub.yaml", {
    site: {
      city: { code: "990100", title: { zh: "临岚市", en: "Linlan" } },
      counties: [
        {
          code: "990102",
          title: { zh: "栖云区", en: "Qiyun" },
          campuses: [{ id: CAMPUS, title: { zh: "学校", en: "School" } }],
        },
      ],
    },
    journal,
    broker: {
      users: [
        { name: "ingest", passwordFile: "secrets/ingest", role: "host" },
        { name: CAMPUS, passwordFile: "secrets/edge", role: "edge", campus: CAMPUS, node: "box-1" },
      ],
    },
    ingest: { broker: { username: "ingest", passwordFile: "secrets/ingest" } },
    rules: { packs: ["classroom"] },
    edges: [`${name}-edge.yaml`],
  });
  const hub = await HubProcess.start({ config, mqttPort });
  try {
    await hub.ready();
    const api = new ApiClient(hub.url);
    await eventually("the projector works", async () => {
      const { devices } = await api.devices();
      return devices.some(({ campus, health }) => campus === CAMPUS && health === "working")
        ? true
        : undefined;
    });
    projector.set("Projector/Fan", "error");
    await eventually("the alarm is raised", async () => (await api.alarms("active"))[0]);
    projector.set("Projector/Fan", "ok");
    const alarm = await eventually("the alarm has gone away", async () =>
      (await api.alarms("active")).find(({ state }) => state === "returned-unacknowledged"),
    );
    const { devices } = await api.devices();
    return {
      alarm: { rule: alarm.rule, state: alarm.state, occurrence: alarm.occurrence, device: alarm.device.key },
      devices: devices.map(({ key, health }) => ({ key, health })),
    };
  } finally {
    await hub.stop();
    await projector.close();
  }
}

test("a fault is raised and goes away over a journal on JetStream as over the embedded one", async () => {
  const embedded = await faultWith("embedded", { kind: "embedded" });
  expect(embedded.alarm).toMatchObject({ rule: "projector-fault", device: `${CAMPUS}/box-1/projector` });
  expect(await faultWith("jetstream", { kind: "jetstream", url: nats.url })).toEqual(embedded);
});
