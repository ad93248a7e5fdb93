/** The API over stand-ins of the parts behind it, which answer over real sockets. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CampusId, type Site } from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup, CommandView, DeviceView } from "@campus-ops/ingest/api";
import type {
  AlarmDetail,
  AlarmFiguresView,
  AlarmView,
  CampusAlarmCounts,
  ConfirmationView,
  DrillSteps,
  DrillView,
  HandOverView,
  NotificationView,
  RoomUseView,
  UseRecordView,
} from "@campus-ops/rules/api";
import { createLog, listenOnSocket } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import fastify, { type FastifyInstance } from "fastify";
import { type Authenticate, loopbackAccess } from "../identity.ts";
import { LiveFeed } from "../live-feed.ts";
import type { ApiParts } from "../parts.ts";
import { createServer } from "../server.ts";
import { answerBackups } from "./backups.ts";
import { answerBoxes } from "./boxes.ts";
import { answerCommissioning } from "./commissioning.ts";
import { answerHealth } from "./health-answers.ts";
import { openKept } from "./kept.ts";
import { answerLooks } from "./looks.ts";
import { rulePart } from "./rule-part.ts";
import { answerSettings } from "./settings.ts";
import { answerStandards } from "./standards.ts";
import { answerUpdates } from "./updates.ts";

export const title = (text: string) => ({ zh: text, en: text });

export const SITE: Site = {
  city: { code: "990100", title: title("city") },
  counties: [
    { code: "990102", title: title("east"), campuses: [{ id: CampusId("first"), title: title("first") }] },
    { code: "990121", title: title("west"), campuses: [{ id: CampusId("third"), title: title("third") }] },
  ],
};

export const DEVICE: DeviceView = {
  key: "first/box/gate",
  campus: "first",
  node: "box",
  device: "gate",
  class: "access-gate",
  profile: "access-gate/generic-modbus",
  title: title("gate"),
  path: "990100/990102/first/a/1/gate",
  proven: "vectors",
  health: "working",
  since: 1,
  metrics: [{ name: "Door/Open", value: true, quality: { status: "good" }, eventTime: 1, receivedAt: 2 }],
};

export const ALARM: AlarmDetail = {
  id: "a1",
  occurrence: 1,
  rule: "panic-pressed",
  priority: 1,
  state: "unacknowledged",
  title: title("panic"),
  device: { key: DEVICE.key, title: DEVICE.title, class: "access-gate", path: DEVICE.path, campus: "first" },
  raisedAt: 1,
  receivedAt: 2,
  assigned: { to: "guard-2", by: "guard-1", at: 2 },
  symptoms: 0,
  updatedAt: 2,
  ruleVersion: 1,
  explanation: title("pressed"),
  card: { cause: title("a"), consequence: title("b"), action: title("c") },
  respondWithin_ms: 60_000,
  evidence: [],
  transitions: [],
  symptomIds: [],
  pictures: [
    {
      id: "a1.1.snapshot",
      occurrence: 1,
      kind: "snapshot",
      after_ms: 0,
      state: "taken",
      camera: { key: "first/box-1/camera", title: title("camera"), path: "990100/990102/first/a" },
      why: "same-place",
      settledAt: 3,
      takenAt: 2,
      sha256: "0".repeat(64),
      bytes: 4,
      contentType: "image/jpeg",
    },
    {
      id: "a1.2.snapshot",
      occurrence: 2,
      kind: "snapshot",
      after_ms: 0,
      state: "none",
      reason: "unreachable",
      since: 1,
    },
  ],
};

/** As a list has it. */
function listed(alarm: AlarmDetail): AlarmView {
  const {
    card,
    evidence,
    explanation,
    pictures,
    respondWithin_ms,
    ruleVersion,
    symptomIds,
    transitions,
    ...view
  } = alarm;
  return view;
}

const NOTIFICATION: NotificationView = {
  id: 1,
  alarm: "a1",
  channel: "mail",
  recipient: "",
  desk: "gate",
  kind: "raised",
  state: "delivered",
  createdAt: 1,
  attempts: 1,
  settledAt: 2,
  detail: "250 ok",
};

const COMMAND: CommandView = {
  id: "1",
  device: DEVICE.key,
  metric: "Door/Unlocked",
  value: true,
  state: "confirmed",
  by: "wang",
  requestedAt: 1,
};

const CONFIRMATION: ConfirmationView = {
  occurrence: 1,
  at: 3,
  by: "doctor-wang",
  outcome: "confirmed",
  celsius: 37.8,
};

export const PICTURE = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);

const HAND_OVER: HandOverView = {
  id: 1,
  desk: "gate",
  at: 2,
  from: "guard-1",
  to: "guard-2",
  note: "all well",
  summary: {
    at: 2,
    unacknowledged: 0,
    standing: 1,
    alarms: [
      {
        id: "a1",
        title: title("panic"),
        device: title("gate"),
        path: "990100/990102/first/a",
        priority: 1,
        state: "acknowledged",
        raisedAt: 1,
        acknowledgedBy: "guard-1",
      },
    ],
  },
};

const DRILL: DrillView = {
  id: "d1",
  path: "990100/990102/first",
  from: 1,
  until: 2,
  by: "leader",
  title: "panic drill",
};

const DRILL_STEPS: DrillSteps = {
  alarm: "a1",
  occurrence: 1,
  title: title("panic"),
  device: ALARM.device,
  happenedAt: 1,
  receivedAt: 2,
  raisedAt: 2,
  toldAt: 3,
  acknowledgedAt: 4,
  acknowledgedBy: "guard",
};

const DELAYS = { acknowledged: 1, unanswered: 0, p50_ms: 5, p95_ms: 5 };
const LOAD = {
  raised: 1,
  mean: 0.5,
  worst: { from: 1, raised: 1 },
  floodShare: 0,
  floods: [{ from: 1, to: 2 }],
  byPriority: { 1: 1, 2: 0, 3: 0, 4: 0 },
  delays: DELAYS,
};
const FIGURE_ALARM = {
  id: "a1",
  title: title("panic"),
  device: title("gate"),
  path: DEVICE.path,
  priority: 1 as const,
};

const FIGURES: AlarmFiguresView = {
  from: 1,
  to: 2,
  scope: "",
  all: {
    ...LOAD,
    buckets: [[1, 1]],
    delaysByPriority: { 1: DELAYS, 2: DELAYS, 3: DELAYS, 4: DELAYS },
    chattering: [{ ...FIGURE_ALARM, times: 3 }],
    frequent: [{ ...FIGURE_ALARM, times: 3 }],
    slowest: [{ ...FIGURE_ALARM, raisedAt: 1, waited_ms: 5 }],
    cut: false,
  },
  desks: [{ desk: "gate", ...LOAD }],
  standing: { count: 1, stale: 0, first: [{ ...FIGURE_ALARM, raisedAt: 1, updatedAt: 1 }] },
};

const USE: RoomUseView = {
  campus: "first",
  path: "990100/990102/first",
  type: "maker",
  title: title("maker room"),
  rooms: 1,
  used: 3,
  unplannedUsed: 1,
  classes: 2,
  teachingHours: 20,
  utilisation: 0.075,
  threshold: 0.1,
  verdict: "not-met",
  completeness: 1,
  wasted_ms: 0,
  records: 3,
};

const USE_RECORD: UseRecordView = {
  room: "990100/990102/first/a/3/301",
  from: 1,
  to: 2,
  period: 1,
  planned: true,
  classes: ["7-1"],
  use: "used",
  classHours: 1,
  on_ms: 1,
  evidence: ["power"],
};

export interface World {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly feed: LiveFeed;
  readonly audited: Readonly<Record<string, unknown>>[];
  readonly received: { path: string; body: unknown }[];
}

let folder: string;
const closing: (() => Promise<unknown>)[] = [];

/** Call it before each test; answers with what is to be done after it. */
export async function openFolder(): Promise<() => Promise<void>> {
  folder = await mkdtemp(join(tmpdir(), "api-"));
  return async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await rm(folder, { recursive: true });
  };
}

/** Where a test may keep more. */
export const folderOfWorld = (): string => folder;

/** The part that was opened first goes away: ingest, in a {@link world}. */
export async function stopFirst(): Promise<void> {
  await closing.shift()?.();
}

/** A stand-in for a part: answers over the real socket what a test tells it to. */
export async function part(name: string, routes: (server: FastifyInstance) => void): Promise<SocketClient> {
  const server = fastify({ forceCloseConnections: true });
  routes(server);
  const path = join(folder, `${name}.sock`);
  await listenOnSocket(server, path);
  const client = socketClient(path);
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return client;
}

/** `more` is laid over the parts that the API is put together from. */
export async function world(
  authenticate: Authenticate = loopbackAccess(),
  more: Partial<ApiParts> = {},
): Promise<World> {
  const received: World["received"] = [];
  const ingest = await part("ingest", (server) => {
    server.get("/devices", () => [
      DEVICE,
      { ...DEVICE, key: "third/box/gate", path: "990100/990121/third/a/1/gate" },
    ]);
    answerCommissioning(server);
    answerLooks(server, PICTURE, []);
    server.get<{ Params: { "*": string } }>("/devices/*", (request, reply) =>
      request.params["*"] === DEVICE.key ? DEVICE : reply.code(404).send({ title: "unknown device" }),
    );
    answerSettings(server, ["retention"], received);
    server.get("/rollups", (): CampusRollup[] => [
      {
        campus: "first",
        path: "990100/990102/first",
        from: 0,
        to: 1,
        counts: { "devices.registered": 3, "devices.working": 2 },
      },
      { campus: "third", path: "990100/990121/third", from: 0, to: 1, counts: { "devices.registered": 1 } },
    ]);
    server.put("/flows/:id", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return reply.code(204).send();
    });
    server.get("/commands/:id", () => COMMAND);
    server.post("/query", () => ({
      series: [
        { key: "first/box/gate", points: [[1, 2]] },
        { key: "third/box/gate", points: [] },
      ],
      truncated: false,
    }));
    server.post("/commands", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return reply
        .code(202)
        .send({ ...(request.body as object), id: "c1", state: "requested", requestedAt: 1 });
    });
  });
  const rules = await part("rules", (server) => {
    server.get("/alarms", () => [listed(ALARM)]);
    server.get("/alarms/:id", (request, reply) => {
      const { id } = request.params as { id: string };
      if (id === "fever") return { ...ALARM, id, confirmable: { from: 34, to: 42 } };
      return id === "a1" ? ALARM : reply.code(404).send({ title: "unknown alarm" });
    });
    server.get("/alarms/:id/confirmations", () => [CONFIRMATION]);
    server.post("/alarms/:id/confirmations", (request) => {
      received.push({ path: request.url, body: request.body });
      return CONFIRMATION;
    });
    server.get("/alarms/:id/pictures/:picture", (_, reply) => reply.type("image/jpeg").send(PICTURE));
    server.get("/alarms/:id/bundle", (request, reply) => reply.type("text/html").send(request.url));
    server.get("/rollups", (): CampusAlarmCounts[] => [{ campus: "first", counts: { "alarms.raised": 4 } }]);
    server.get("/notifications", () => [NOTIFICATION]);
    server.get("/channels", () => [{ id: "mail", kind: "mail", alive: true, detail: "250 ok", waiting: 0 }]);
    server.post("/channels/:id/test", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return reply.code(202).send();
    });
    server.get("/desks", () => [
      {
        id: "gate",
        title: title("gate"),
        scope: ["990100/990102/first"],
        channels: ["mail"],
        staffed: true,
        held: { by: "guard-1", since: 1 },
      },
    ]);
    server.get("/performance", () => ({
      desks: [{ desk: "gate", newAlarms: 11, floodSince: 5 }],
      chattering: ["a1"],
      stale: [],
    }));
    server.get("/desks/gate/summary", () => HAND_OVER.summary);
    server.get("/desks/gate/hand-overs", () => [HAND_OVER]);
    server.post("/desks/gate/hand-overs", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return (request.body as { to: string }).to === "too-early"
        ? reply.code(409).send({ detail: "acknowledge a1 first" })
        : HAND_OVER;
    });
    server.get("/drills", () => [DRILL, { ...DRILL, id: "d2", path: "990100/990121/third" }]);
    server.get<{ Params: { id: string } }>("/drills/:id", ({ params }, reply) =>
      params.id === "d1"
        ? { ...DRILL, alarms: [DRILL_STEPS] }
        : reply.code(404).send({ title: "no such drill" }),
    );
    server.post("/drills", (request) => {
      received.push({ path: request.url, body: request.body });
      return DRILL;
    });
    server.delete("/drills/:id", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return reply.code(204).send();
    });
    rulePart(server, received);
    server.get("/alarm-figures", (request) => ({
      ...FIGURES,
      scope: (request.query as { scope: string }).scope,
    }));
    server.get("/raisings", () => [{ ...FIGURE_ALARM, at: 1 }]);
    server.get("/use", () => [USE, { ...USE, campus: "third", path: "990100/990121/third" }]);
    server.get("/use/records", () => [USE_RECORD]);
    answerHealth(server, (path) => received.push({ path, body: undefined }));
    answerStandards(server, received);
    answerSettings(server, ["notify", "calendar", "timetable"], received);
    server.get("/channels/:id/tests", () => [{ ...NOTIFICATION, kind: "test" }]);
    server.post("/settings/calendar/preview", () => [
      { from: "2026-10-01", to: "2026-10-07", school: false },
    ]);
    server.get("/calendar", () => ({ at: 1, open: ["lesson"], windows: ["closed", "lesson"], until: 2 }));
    server.post("/alarms/:id/:action", (request, reply) => {
      received.push({ path: request.url, body: request.body });
      if (request.url.endsWith("/shelve"))
        return reply.code(409).send({ detail: "a panic alarm is never shelved" });
      return { ...ALARM, state: "acknowledged" };
    });
  });
  const enrolment = await part("enrolment", (server) => {
    answerBoxes(server, received);
    answerUpdates(server, received);
  });
  const backup = await part("backup", (server) => {
    answerBackups(server, received);
    answerSettings(server, ["backup"], received);
  });
  const kept = openKept(folder, () => 1_000_000);
  closing.push(async () => kept.close());
  const feed = new LiveFeed(() => undefined);
  const audited: World["audited"] = [];
  const server = await createServer({
    upstreams: { ingest, rules, enrolment, backup },
    site: SITE,
    siteSetting: { ofFile: () => SITE, reportsAbove: false, restart: () => undefined },
    demonstration: true,
    authenticate,
    feed,
    boot: "boot1",
    now: () => 1_000_000,
    log: createLog("test", "silent"),
    audit: (entry) => audited.push(entry),
    status: () => ({ at: 1, ingest: true, rules: true }),
    metrics: async () => "up 1\n",
    ...kept.stores,
    ...more,
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  closing.push(() => server.close());
  return { url, server, feed, audited, received };
}

export const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json", ...headers },
});
