/**
 * A whole hub on one core as `campus-ops up` starts it, load edges on the other, and what can be seen of both while they
 * run: alarms as a page hears them, memory and open files of each process, how far projections are behind the journal.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type { AlarmList } from "@campus-ops/dashboards/api";
import { eventually } from "../testing/awaiting.ts";
import { LoadHub, type LoadHubEdge } from "../testing/load/load-hub.ts";
import type { SteadyLook } from "../testing/load/load-steady.ts";
import { AlarmWatch } from "./alarm-watch.ts";
import { residentBytes } from "./process-usage.ts";

export const HUB_CORE = "0";
export const LOAD_CORE = "1";

/** Samples of one record. */
export const PORTS = 50;
/** Devices of an edge: switches, and cameras whose alarms are timed. */
const SOURCES = 4;
const CAMERAS = 6;
/** Little, so that an overload fills it: what gives way then is a part of what is measured. */
export const OUTBOX_BYTES_MAX = 512 * 1024;
const RULE = "load-video-lost";
/** As a hub has them unless somebody says otherwise. */
const PACKS = ["safe-campus", "device-health", "classroom"] as const;
/** The page hears of an alarm within seconds even when a hub is overloaded; what is slower has drained long since. */
const CATCH_UP_MS_MAX = 300_000;

export interface ProcessSize {
  readonly rss_bytes: number;
  readonly descriptors: number;
}

export interface AlarmAccount {
  readonly raised: number;
  readonly lost: number;
  readonly doubled: number;
}

export class MeasuredHub {
  readonly hub: LoadHub;
  readonly watch: AlarmWatch;

  /** @param data a folder that outlives it; a temporary one unless said */
  static async start(nodes: readonly string[], data?: string): Promise<MeasuredHub> {
    const hub = await LoadHub.start(nodes, { packs: PACKS, ...(data === undefined ? {} : { data }) });
    const measured = new MeasuredHub(hub);
    measured.#pin();
    pinTo(process.pid, LOAD_CORE);
    await measured.watch.listening();
    return measured;
  }

  private constructor(hub: LoadHub) {
    this.hub = hub;
    this.watch = new AlarmWatch(hub.process.url, RULE);
  }

  edge(node: string, url?: string): LoadHubEdge {
    const size = { sources: SOURCES, ports: PORTS, cameras: CAMERAS, since: Date.now(), step_ms: 1_000 };
    return this.hub.edge(node, { ...size, bytesMax: OUTBOX_BYTES_MAX }, url);
  }

  /** By name, the processes of the hub that run now. */
  pids(): ReadonlyMap<string, number> {
    const { process: hub } = this.hub;
    return new Map([
      ["supervisor", hub.supervisorPid],
      ...hub.processes().map((name): [string, number] => [name, hub.pid(name)]),
    ]);
  }

  /** Leaves out a process that is just not there. */
  sizes(pids = this.pids()): ReadonlyMap<string, ProcessSize> {
    return new Map(
      [...pids].flatMap(([name, pid]): [string, ProcessSize][] => {
        try {
          return [
            [name, { rss_bytes: residentBytes(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length }],
          ];
        } catch {
          return [];
        }
      }),
    );
  }

  /** Entries of the journal that the slowest projection of ingest has not read. */
  async lag(): Promise<number> {
    const text = await (await this.hub.process.private_("ingest").fetch("/metrics")).text();
    const lags = [...text.matchAll(/^campus_ops_ingest_\w+_lag_entries\{[^}]*\} (\d+)$/gm)];
    return Math.max(0, ...lags.map(([, entries]) => Number(entries)));
  }

  /** Age of the newest entry of the journal that rules have taken, in seconds; an idle hub writes one a second. */
  async rulesLag_s(): Promise<number> {
    const text = await (await this.hub.process.private_("rules").fetch("/metrics")).text();
    return Number(/^rules_lag_seconds\{[^}]*\} (\S+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  /** What the alarm history holds of what the cameras have counted, once it has read everything. */
  async account({ cameras }: SteadyLook): Promise<AlarmAccount> {
    const wanted = new Map(Object.entries(cameras).map(([key, count]) => [key, Math.ceil(count / 2)]));
    const occurrences = async (): Promise<ReadonlyMap<string, number>> => {
      const { alarms } = await this.hub.api.get<AlarmList>("/api/v1/alarms?state=all&limit=5000");
      const ours = alarms.filter(({ rule }) => rule.endsWith(RULE));
      return new Map(
        ours.map(({ device, occurrence }) => [device.key.slice(device.campus.length + 1), occurrence]),
      );
    };
    const isThere = (found: ReadonlyMap<string, number>): boolean =>
      [...wanted].every(([key, count]) => (found.get(key) ?? 0) >= count);
    const found = await eventually(
      "every alarm is in the history",
      async () => {
        const now = await occurrences();
        return isThere(now) ? now : undefined;
      },
      CATCH_UP_MS_MAX,
    ).catch(occurrences);
    const off = [...wanted].map(([key, count]) => count - (found.get(key) ?? 0));
    const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);
    return {
      raised: sum([...wanted.values()]),
      lost: sum(off.filter((each) => each > 0)),
      doubled: -sum(off.filter((each) => each < 0)),
    };
  }

  /** Samples and events in the journal that edges have numbered, as often as they are there. */
  async inJournal(): Promise<number> {
    let count = 0;
    for await (const { range } of this.hub.entries())
      if (range !== undefined) count += range.last - range.first + 1;
    return count;
  }

  /** Samples in the journal of these nodes, without those of their births. */
  async inJournalOf(nodes: ReadonlySet<string>): Promise<number> {
    let count = 0;
    for await (const { address, kind, samples } of this.hub.entries())
      if (kind === "DDATA" && address !== undefined && nodes.has(address.node)) count += samples.length;
    return count;
  }

  /** Samples that the hub has counted as lost, because more came than it can take. */
  async leftOut(): Promise<number> {
    const text = await (await this.hub.process.private_("ingest").fetch("/metrics")).text();
    return Number(/^campus_ops_ingest_left_out_samples_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  /** Samples that the hub's registry has received, and those it knows to be lost, of all its nodes. */
  async samples(): Promise<{ readonly expected: number; readonly received: number; readonly lost: number }> {
    const nodes = await this.hub.nodes();
    const sum = (of: "expected" | "received" | "lost"): number =>
      nodes.reduce((total, { samples }) => total + samples[of], 0);
    return { expected: sum("expected"), received: sum("received"), lost: sum("lost") };
  }

  async stop(): Promise<void> {
    this.watch.close();
    await this.hub.stop();
  }

  #pin(): void {
    for (const pid of this.pids().values()) pinTo(pid, HUB_CORE);
  }
}

/** All threads of a process, and those that they begin. */
export function pinTo(pid: number, core: string): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", core, String(pid)]);
}
