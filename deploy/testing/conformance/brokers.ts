/** The two MQTT servers that everything is checked against: ours, with its users and rules, and Debian's mosquitto. */
import { createLog, createMetrics } from "@campus-ops/service";
import { type Access, digest } from "../../../broker/server/access.ts";
import { startBroker } from "../../../broker/server/broker.ts";
import { brokerCounters } from "../../../broker/server/counters.ts";
import { startMosquitto } from "../../../edge-agent/testing/brokers.ts";

export const CAMPUS = "qiyun-no1";
export const NODE = "box-1";
export const HOST = "hub";
export const PASSWORD = "campus";

export interface ConformanceBroker {
  readonly url: string;
  stop(): Promise<void>;
}

/** `edge`, `host` and `monitor`, all with {@link PASSWORD}. Mosquitto takes any name. */
const USERS: Readonly<Record<string, Access>> = {
  edge: { role: "edge", campus: CAMPUS, node: NODE },
  host: { role: "host" },
  monitor: { role: "monitor" },
};

async function startOurs(): Promise<ConformanceBroker> {
  const users = Object.entries(USERS).map(
    ([name, access]) => [name, { access, passwordDigest: digest(PASSWORD) }] as const,
  );
  const broker = await startBroker({
    listen: [{ host: "127.0.0.1", port: 0 }],
    users: new Map(users),
    log: createLog("broker", "silent"),
    counters: brokerCounters(createMetrics("broker")),
  });
  return { url: `mqtt://127.0.0.1:${broker.listeners[0]?.port}`, stop: () => broker.close() };
}

export const BROKERS: readonly (readonly [name: string, start: () => Promise<ConformanceBroker>])[] = [
  ["campus-ops broker", startOurs],
  ["mosquitto", startMosquitto],
];
