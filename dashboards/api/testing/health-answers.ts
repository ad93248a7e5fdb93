/** What rules would answer about the health of devices, and what was left on. */
import type {
  BandwidthFigure,
  FailureView,
  HealthFigure,
  HealthIntervalView,
  LeftOnFigure,
  LeftOnRecord,
  ModelView,
  RoomBandwidthView,
} from "@campus-ops/rules/api";
import type { FastifyInstance } from "fastify";

const FIGURE: HealthFigure = {
  key: "camera",
  title: { zh: "摄像机", en: "camera" },
  devices: 2,
  expected_ms: 100,
  reachable_ms: 90,
  working_ms: 80,
  unknown_ms: 5,
  failures: 1,
  interruptions: 2,
  upstream: 0,
  repairs: 1,
  repair_ms: 4,
  open: 0,
  inexact: 0,
  availability: 0.9,
  availabilityHigh: 0.95,
  completeness: 0.95,
  meanTimeToRepair_ms: 4,
};
const FAILURE: FailureView = {
  device: "first/box/camera",
  title: { zh: "东门", en: "east gate" },
  class: "camera",
  model: "camera/x",
  path: "990100/990102/first/a",
  from: 1,
  to: 2,
  kind: "unreachable",
  faults: [],
  exact: true,
  upstream: "first/box/switch",
  interruption: false,
};
const MODEL: ModelView = {
  ...FIGURE,
  deviceDays: 90,
  failuresPerYear: 36.5,
  enough: true,
  classes: ["camera"],
  rank: 1,
};
const INTERVAL: HealthIntervalView = { from: 1, to: 2, state: "faulty", faults: ["Video/Loss"] };

const BANDWIDTH: BandwidthFigure = {
  key: "990100/990102/first",
  title: { zh: "一", en: "first" },
  classes: 3,
  known: 2,
  met: 1,
  measuredRooms: 1,
  p95Sum_Mbps: 30,
  p95Max_Mbps: 30,
  expected: 180,
  measured: 60,
  share: 1 / 3,
  shareHigh: 2 / 3,
  p95Mean_Mbps: 30,
  completeness: 2 / 3,
  measuredShare: 1 / 3,
};
const ROOM_BANDWIDTH: RoomBandwidthView = {
  room: "990100/990102/first/a/3/301",
  title: { zh: "一 301", en: "first, 301" },
  ports: [{ at: "first/box/switch", port: "1", how: "declared", link_Mbps: 1_000 }],
  link_Mbps: 1_000,
  down: { p95_Mbps: 30, max_Mbps: 31 },
  expected: 60,
  measured: 60,
};
const LEFT_ON: LeftOnFigure = {
  key: "990100/990102/first",
  title: { zh: "一", en: "first" },
  rooms: 1,
  leftOn_ms: 5,
  measured_ms: 3,
  energy: 0.5,
  records: 1,
  expected_ms: 10,
  completeness: 1,
};
const LEFT_ON_RECORD: LeftOnRecord = {
  room: "990100/990102/first/a/3/301",
  title: { zh: "一", en: "first" },
  from: 1,
  to: 2,
  devices: ["first/box/projector"],
};

/** `asked` is given the queries as they come. */
export function answerHealth(server: FastifyInstance, asked: (path: string) => void): void {
  server.addHook("onRequest", async ({ url }) => {
    if (url.startsWith("/health/") || url.startsWith("/use/left-on")) asked(url);
  });
  server.get("/health/figures", () => [FIGURE]);
  server.get("/health/failures", () => ({ failures: [FAILURE], truncated: false }));
  server.get("/health/models", () => [MODEL]);
  server.get("/health/bandwidth", () => [BANDWIDTH]);
  server.get("/health/bandwidth/rooms", () => [ROOM_BANDWIDTH]);
  server.get("/use/left-on", () => [LEFT_ON]);
  server.get("/use/left-on/records", () => [LEFT_ON_RECORD]);
  server.get("/health/timeline", () => [INTERVAL]);
}
