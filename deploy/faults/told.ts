/**
 * How whoever sits at the console is told of each fault that docs/reliability.md lists: by an alarm, by the bar above
 * everything where alarms cannot come, or not at all, and why not. `campaign/told.test.ts` injects those that say so.
 */
import { KEEPALIVE_S } from "@campus-ops/edge-agent/connection";
import { OFFLINE_AFTER_MS } from "@campus-ops/edge-agent/core/reachability";
import { SILENCE_MS_MAX } from "../../dashboards/console/live/connection.ts";
import { SELF_OBSERVATION_MS } from "../../edge-agent/self-observation.ts";
import type { Kind } from "./scenarios.ts";

export const TOLD_MS_MAX = 60_000;

export type Bar = "lost" | "ingestAway" | "rulesAway";

/** `noticed_ms` is what passes at most until the platform knows; a rule's own delay comes on top. */
export type By =
  | { readonly rule: string; readonly noticed_ms: number }
  | { readonly bar: Bar; readonly noticed_ms: number }
  | { readonly nothing: string };

export interface Telling {
  readonly kind: Kind;
  readonly fault: string;
  readonly part: string;
  readonly by: By;
}

/** A server gives a client up after one and a half times what it promised (MQTT 3.1.1, clause 3.1.2.10). */
const KEPT_ALIVE_MS = 1_500 * KEEPALIVE_S;
/** Ingest tells of the parts of the hub each second, and looks at the disk twice as often. */
const SERVICES_MS = 1_000;

const OFFLINE: By = { rule: "edge-box-offline", noticed_ms: KEPT_ALIVE_MS };
const failing = (noticed_ms: number): By => ({ rule: "platform-service-failing", noticed_ms });
const observed = (rule: string): By => ({ rule, noticed_ms: SELF_OBSERVATION_MS });
const bar = (which: Bar): By => ({ bar: which, noticed_ms: SILENCE_MS_MAX });
const UNHARMED: By = { nothing: "it is refused and counted, and who behaves notices nothing" };
const CATCHES_UP: By = {
  nothing:
    "data comes seconds late and catches up; edge-box-flapping tells of a line that goes on like this, edge-outbox-growing of a backlog",
};

export const TELLINGS: readonly Telling[] = [
  { kind: "told", fault: "hangs", part: "edge box", by: OFFLINE },
  { kind: "told", fault: "black hole", part: "network of a box", by: OFFLINE },
  { kind: "told", fault: "half-open", part: "network of a box", by: OFFLINE },
  { kind: "told", fault: "hangs", part: "broker", by: failing(KEPT_ALIVE_MS) },
  { kind: "told", fault: "hangs", part: "ingest", by: bar("ingestAway") },
  { kind: "told", fault: "hangs", part: "rules", by: bar("rulesAway") },
  { kind: "told", fault: "hangs", part: "console", by: bar("lost") },
  { kind: "told", fault: "dies whenever it is back", part: "ingest", by: bar("ingestAway") },
  { kind: "told", fault: "dies whenever it is back", part: "rules", by: bar("rulesAway") },
  { kind: "told", fault: "full", part: "disk of the hub", by: failing(SERVICES_MS) },
  { kind: "told", fault: "full", part: "disk of an edge box", by: observed("edge-disk-low") },
  {
    kind: "told",
    fault: "hangs",
    part: "device",
    by: { rule: "device-unreachable", noticed_ms: OFFLINE_AFTER_MS },
  },
  {
    kind: "told",
    fault: "full outbox, data given up",
    part: "edge box",
    by: { rule: "edge-data-lost", noticed_ms: SELF_OBSERVATION_MS },
  },
  { kind: "kill", fault: "killed once", part: "broker, ingest, rules, console", by: CATCHES_UP },
  { kind: "network", fault: "reset, loss, latency, slow drip", part: "network of a box", by: CATCHES_UP },
  { kind: "disk", fault: "full", part: "disk of the hub", by: failing(SERVICES_MS) },
  {
    kind: "clock",
    fault: "starts in 1970, or a day off",
    part: "edge box",
    by: observed("edge-clock-untrusted"),
  },
  {
    kind: "clock",
    fault: "jumps or stands",
    part: "clock of a device",
    by: { rule: "device-clock-wrong", noticed_ms: SELF_OBSERVATION_MS },
  },
  { kind: "offline", fault: "72 hours without a line", part: "edge box", by: OFFLINE },
  {
    kind: "overload",
    fault: "ten times what the hub sustains",
    part: "hub",
    by: observed("edge-outbox-growing"),
  },
  { kind: "malformed", fault: "random and mutated input", part: "every port", by: UNHARMED },
  { kind: "hostile", fault: "strangers, and topics of others", part: "broker, console", by: UNHARMED },
  { kind: "hostile", fault: "one certificate on two machines", part: "edge box", by: observed("edge-twin") },
  { kind: "power", fault: "cut", part: "edge box", by: OFFLINE },
  { kind: "power", fault: "cut", part: "hub", by: bar("lost") },
  {
    kind: "simulation",
    fault: "all of these, invented",
    part: "the pure cores",
    by: { nothing: "there is nobody to tell" },
  },
];

/** Throws where nobody wrote down how it is told. */
export function tellingOf(fault: string, part: string): By {
  const telling = TELLINGS.find((each) => each.kind === "told" && each.fault === fault && each.part === part);
  if (telling === undefined) throw new Error(`it is not said how "${fault}" of ${part} is told`);
  return telling.by;
}
