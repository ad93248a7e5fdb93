import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { InvalidDocumentError } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlarmView, ChannelView, DeskView, DrillReport, NotificationView } from "../api.ts";
import { loadConfiguration } from "../configuration.ts";
import { birth, data, Hub, SITE } from "../testing/hub.ts";

const NOTIFY = (url: string) => `notify:
  console: https://hub.school.test
  channels:
    bureau: { kind: webhook, url: '${url}', secretFile: hook.secret, language: en }
  desks:
    gate: { title: { zh: 门卫室, en: Gatehouse }, channels: [bureau] }
  escalation:
    1: [{ desks: [gate] }]
`;

describe("the rules process, telling people", () => {
  let server: Server;
  let url: string;
  let hub: Hub;
  /** Messages that have arrived, with the answer that they wait for. */
  const arrived: { id: string; text: string; response: ServerResponse }[] = [];
  let onArrival: () => void = () => undefined;
  const arrival = async (count: number): Promise<void> => {
    while (arrived.length < count) await new Promise<void>((resolve) => (onArrival = resolve));
  };

  beforeEach(async () => {
    arrived.length = 0;
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { id, data: body } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
          id: string;
          data: { text: string };
        };
        arrived.push({ id, text: body.text, response });
        onArrival();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    hub = new Hub(NOTIFY(url));
    writeFileSync(join(hub.folder, "hook.secret"), "s3cret\n", { mode: 0o600 });
  });
  afterEach(async () => {
    await hub.close();
    server.closeAllConnections();
    server.close();
  });

  test("killed while a message is under way, sends it again under the same id, and no other twice", async () => {
    const at = Date.now();
    expect(await hub.start()).toEqual({ ready: true });
    await hub.journal.append(
      [
        birth(undefined, at, { "Properties/Class": "edge-box" }),
        birth("panic", at, { "Properties/Class": "panic-button", "Panic/Pressed": false }),
        data("panic", at + 1, { "Panic/Pressed": true }),
      ].map((entry) => ({ ...entry, receivedAt: at })),
    );
    await arrival(1);
    await hub.end("SIGKILL");
    expect(await hub.start()).toEqual({ ready: true });
    await arrival(2);
    const [first, second] = arrived;
    expect(second?.id).toBe(first?.id);
    expect(second?.text).toContain("[RED 1]");
    expect(second?.text).toContain("https://hub.school.test/alarms?alarm=");
    second?.response.writeHead(204).end();
    await expect
      .poll(() => hub.get<NotificationView[]>("/notifications"))
      .toMatchObject([{ state: "delivered", channel: "bureau", desk: "gate", kind: "raised" }]);

    const [alarm] = await hub.get<AlarmView[]>("/alarms");
    await hub.post(`/alarms/${alarm?.id ?? ""}/acknowledge`, { by: "desk-1" });
    await arrival(3);
    arrived[2]?.response.writeHead(204).end();
    expect(arrived[2]?.text).toContain("Acknowledged");
    await hub.end("SIGTERM");
    expect(await hub.start()).toEqual({ ready: true });
    const told = await hub.get<NotificationView[]>(`/notifications?alarm=${alarm?.id ?? ""}`);
    expect(told.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      "settled delivered",
      "raised delivered",
    ]);
    expect(arrived).toHaveLength(3);
  });

  test("a drill takes the whole road, says so to people, and is measured step by step", async () => {
    expect(await hub.start()).toEqual({ ready: true });
    const declared = await hub.post("/drills", {
      path: "990100/990101/school",
      duration_ms: 600_000,
      by: "leader",
      title: "一键报警演练",
    });
    expect(declared.status).toBe(200);
    const id = String(declared.body.id);
    const at = Date.now();
    await hub.journal.append(
      [
        birth(undefined, at, { "Properties/Class": "edge-box" }),
        birth("panic", at, { "Properties/Class": "panic-button", "Panic/Pressed": false }),
        data("panic", at + 1, { "Panic/Pressed": true }),
      ].map((entry) => ({ ...entry, receivedAt: at + 2 })),
    );
    await arrival(1);
    expect(arrived[0]?.text).toMatch(/^\[DRILL\]/);
    arrived[0]?.response.writeHead(204).end();
    const [alarm] = await hub.get<AlarmView[]>("/alarms");
    expect(alarm?.drill).toBe(id);
    await hub.post(`/alarms/${alarm?.id ?? ""}/acknowledge`, { by: "desk-1" });
    await arrival(2);
    arrived[1]?.response.writeHead(204).end();
    const report = async () => (await hub.get<DrillReport>(`/drills/${id}`)).alarms;
    await expect.poll(report).toMatchObject([
      {
        alarm: alarm?.id,
        happenedAt: at + 1,
        receivedAt: at + 2,
        raisedAt: at + 2,
        acknowledgedBy: "desk-1",
      },
    ]);
    const [steps] = await report();
    expect(steps?.toldAt).toBeGreaterThanOrEqual(at + 2);
    expect(steps?.acknowledgedAt).toBeGreaterThanOrEqual(at + 2);
    // A drill is no alarm in any figure.
    expect(await hub.get<unknown[]>(`/rollups?from=0&to=${at + 60_000}`)).toEqual([
      { campus: "school", counts: {} },
    ]);
    const ended = { ...body({ by: "leader" }), method: "DELETE" };
    expect((await hub.client.fetch(`/drills/${id}`, ended)).status).toBe(204);
    expect((await hub.client.fetch(`/drills/${id}`, ended)).status).toBe(404);
    expect((await hub.get<{ id: string; until: number }[]>("/drills"))[0]?.until).toBeLessThan(at + 600_000);
  });

  test("shows its desks and channels, and tests one on request", async () => {
    expect(await hub.start()).toEqual({ ready: true });
    expect(await hub.get<DeskView[]>("/desks")).toMatchObject([
      { id: "gate", staffed: true, channels: ["bureau"] },
    ]);
    expect((await hub.client.fetch("/channels/bureau/test", body({ by: "an operator" }))).status).toBe(202);
    await arrival(1);
    arrived[0]?.response.writeHead(204).end();
    expect(arrived[0]?.text).toContain("Test of this channel");
    await expect
      .poll(() => hub.get<ChannelView[]>("/channels"))
      .toMatchObject([{ id: "bureau", alive: true, waiting: 0, detail: "HTTP 204" }]);
    expect((await hub.client.fetch("/channels/pigeon/test", body({ by: "an operator" }))).status).toBe(404);
  });
});

const body = (value: object) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

describe("the notify section", () => {
  let hub: Hub;
  afterEach(() => hub.close());
  const problems = (section: string): readonly string[] => {
    hub = new Hub(section);
    writeFileSync(join(hub.folder, "open.secret"), "s3cret\n", { mode: 0o644 });
    try {
      loadConfiguration(hub.configuration);
      return [];
    } catch (error) {
      if (!(error instanceof InvalidDocumentError)) throw error;
      return error.problems.map(
        ({ line, field, message }) => `${line - SITE.split("\n").length + 1} ${field}: ${message}`,
      );
    }
  };

  test("is told what is wrong with it, by line and field, all at once", () => {
    const found = problems(`notify:
  channels:
    robot: { kind: dingtalk, urlFile: open.secret }
  desks:
    gate: { title: { zh: 门卫, en: Gate }, channels: [pigeon], during: midnight }
  escalation:
    1: [{ after: 5m, desks: [gate] }, { after: 1m, desks: [nobody] }]
`);
    expect(found).toEqual([
      expect.stringMatching(/^3 notify\.channels\.robot\.urlFile: .*can be read by others; run chmod 600/),
      expect.stringMatching(
        /^5 notify\.desks\.gate\.channels\.0: no channel is called pigeon; there are robot/,
      ),
      expect.stringMatching(/^5 notify\.desks\.gate\.during: the calendar has no window midnight/),
      "7 notify.escalation.1.1.desks: no desk is called nobody; there are gate",
      "7 notify.escalation.1.1.after: must not come before the step above it",
    ]);
  });

  test("is judged by the kind of channel that was meant", () => {
    expect(
      problems("notify:\n  channels:\n    m: { kind: mail, url: 'smtp://127.0.0.1', phones: [] }\n"),
    ).toEqual([
      '3 notify.channels.m: lacks the field "from"',
      '3 notify.channels.m: lacks the field "to"',
      "3 notify.channels.m.phones: is not a field that belongs here; check its spelling",
    ]);
  });
});
