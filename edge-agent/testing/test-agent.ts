/** A whole agent in the test's own process, over a temporary folder. */
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { createLog } from "@campus-ops/service";
import { Agent } from "../agent.ts";
import type { AgentOptions } from "../agent-options.ts";
import type { Configuration, DeviceConfiguration } from "../configuration.ts";
import type { Clock } from "../core/clock.ts";
import { openSession } from "../drivers/registry.ts";
import { Outbox } from "../outbox/outbox.ts";
import { lossRecord } from "../reports.ts";

export const CAMPUS = "qiyun-no1";
export const NODE = "box-1";

export const clock: Clock = { instant: () => ({ wall: Date.now(), uptime_ms: performance.now() }) };

export function device(id: string, profileId: string, url: string, poll_ms = 100): DeviceConfiguration {
  const profile = findProfile(profileId);
  if (profile === undefined) throw new Error(`no profile ${profileId}`);
  return {
    id: DeviceId(id),
    profile,
    title: { zh: "设备", en: id },
    path: `990100/990102/${CAMPUS}/a/1/101`,
    target: { url: new URL(url) },
    dependsOn: undefined,
    pollInterval_ms: poll_ms,
    commissioning: false,
  };
}

export function configuration(url: string, devices: readonly DeviceConfiguration[]): Configuration {
  return {
    campus: CampusId(CAMPUS),
    campusPath: `990100/990102/${CAMPUS}`,
    node: NodeId(NODE),
    title: { zh: "边缘盒", en: "edge box" },
    brokers: [{ url }],
    primaryHost: undefined,
    handoff: "acknowledged",
    outbox: { file: "outbox.sqlite", maxBytes: 64 * 1024 * 1024, maxDays: 90, keepHours: 36 },
    devices,
    profilesFolder: undefined,
    enrolment: undefined,
  };
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "edge-agent-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function startAgent(
  settings: Configuration,
  folder: string,
  time: Clock = clock,
  other: Partial<Pick<AgentOptions, "openDevice" | "random" | "callsTurnedAway" | "writeNode">> = {},
): Agent {
  const now = (): number => time.instant().wall;
  const outbox = new Outbox({
    file: join(folder, settings.outbox.file),
    bytesMax: settings.outbox.maxBytes,
    daysMax: settings.outbox.maxDays,
    now,
    lossRecord,
    onTrouble: (message) => {
      throw new Error(message);
    },
  });
  const pseudonym = (text: string): string =>
    createHmac("sha256", "test").update(text).digest("hex").slice(0, 16);
  const agent = new Agent({
    configuration: settings,
    outbox,
    dataFolder: folder,
    version: "0.0.0",
    openDevice: ({ profile, target }, cursor, signal, onCall) => {
      const environment = { now, pseudonym, onCall, ...(cursor === undefined ? {} : { cursor }) };
      return openSession(target, profile, environment, signal);
    },
    clock: time,
    random: Math.random,
    log: createLog("test", "silent"),
    ...other,
  });
  agent.start();
  return agent;
}
