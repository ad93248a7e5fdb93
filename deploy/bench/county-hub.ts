/**
 * What a city's hub hears a county's by: the agent beside the county's hub, as a process of its own, with its local-hub
 * driver. The hub that this agent asks is figures: it answers for a hundred campuses what ingest and rules would.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join, resolve } from "node:path";
import type { Rollup, Site, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { LAUNCH_ENVIRONMENT } from "@campus-ops/edge-agent/launch";
import { listenOnSocket, readEnvironment, socketPath } from "@campus-ops/service";
import { prepareParent } from "../cli/parent.ts";
import { compiledCode } from "../cli/precompile.ts";

const ROOT = resolve(import.meta.dirname, "../..");
export const BUCKET_MS = 300_000;
export const DEVICES_PER_CAMPUS = 400;
/** 400 devices that say something every ten seconds or so; of what was expected a little is missing. */
export const RECEIVED_PER_BUCKET = 11_990;
const EXPECTED_PER_BUCKET = 12_000;
/** As ingest bounds one telling, and which five minutes it tells in any case. */
const TELLING_BUCKETS_MAX = 200;
const OPEN_BUCKETS = 3;

export interface CountyHubOptions {
  readonly folder: string;
  /** Of the city's broker. */
  readonly url: string;
  readonly password: string;
  /** Of this county alone. */
  readonly site: Site;
  /** The first of the buckets that are over and that the city has not heard of. */
  readonly since: Timestamp;
  /** What its agent runs on. */
  readonly core: string;
}

export class CountyHub {
  /** Children come through the gates: every look at a campus finds that more have. */
  rush = false;
  readonly #options: CountyHubOptions;
  readonly #servers: readonly Server[];
  readonly #waiting = new Set<NodeJS.Timeout>();
  #agent: ChildProcess | undefined;

  constructor(options: CountyHubOptions) {
    this.#options = options;
    this.#servers = [
      createServer((asked, answer) => this.#ingest(asked, answer)),
      createServer((asked, answer) => this.#rules(asked, answer)),
    ];
  }

  async start(): Promise<void> {
    const { core, folder, password, site, url } = this.#options;
    const run = join(folder, "run");
    mkdirSync(run, { recursive: true, mode: 0o700 });
    const [ingest, rules] = this.#servers;
    if (ingest !== undefined) await listenOnSocket(ingest, socketPath(run, "ingest"));
    if (rules !== undefined) await listenOnSocket(rules, socketPath(run, "rules"));
    writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
    const config = join(folder, "hub.yaml");
    const name = `${site.counties[0]?.code}-hub`;
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({ site, parent: { broker: url, username: name, passwordFile: "password" } }),
    );
    const environment = { CAMPUS_OPS_DATA: join(folder, "data"), CAMPUS_OPS_RUN: run };
    const agent = prepareParent(config, readEnvironment(environment));
    const main = join(ROOT, "edge-agent/main.ts");
    this.#agent = spawn("taskset", ["--cpu-list", core, process.execPath, main], {
      env: {
        ...process.env,
        ...LAUNCH_ENVIRONMENT,
        ...environment,
        CAMPUS_OPS_CONFIG: agent?.file ?? "",
        CAMPUS_OPS_LOG_LEVEL: "error",
        NODE_COMPILE_CACHE: compiledCode(ROOT),
      },
      stdio: ["ignore", "inherit", "inherit"],
    });
  }

  async stop(): Promise<void> {
    const agent = this.#agent;
    if (agent !== undefined && agent.exitCode === null && agent.signalCode === null) {
      const ended = once(agent, "exit");
      agent.kill("SIGTERM");
      await ended;
    }
    for (const timer of this.#waiting) clearTimeout(timer);
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** `GET /telling/:campus?after=`: the day that is over in two answers, and what is open in each. */
  #ingest(asked: IncomingMessage, answer: ServerResponse): void {
    const { searchParams } = new URL(asked.url ?? "", "http://hub");
    const now = Date.now();
    const open = bucketOf(now);
    const told = Number(searchParams.get("after") ?? this.#options.since / BUCKET_MS - 1);
    const last = Math.min(open / BUCKET_MS - 1, told + TELLING_BUCKETS_MAX);
    const changed = Array.from({ length: Math.max(0, last - told) }, (_, at) => (told + 1 + at) * BUCKET_MS);
    const always = Array.from({ length: OPEN_BUCKETS }, (_, at) => open - at * BUCKET_MS);
    const starts = [...new Set([...changed, ...always])].sort((a, b) => a - b);
    const buckets = starts.map((start) => ({ start, counts: this.#happened(start, now) }));
    say(answer, { cursor: last, standing: STANDING, buckets });
  }

  /** `GET /telling/:campus` waits for an alarm that does not come; `…/counts` and `…/days` have none to count. */
  #rules(asked: IncomingMessage, answer: ServerResponse): void {
    const { pathname, searchParams } = new URL(asked.url ?? "", "http://hub");
    if (pathname.endsWith("/counts")) {
      say(answer, { standing: {}, buckets: [] });
      return;
    }
    if (pathname.endsWith("/days")) {
      say(answer, { cursor: 0, days: [], isMore: false });
      return;
    }
    const timer = setTimeout(
      () => {
        this.#waiting.delete(timer);
        say(answer, { cursor: 0, alarms: [] });
      },
      Number(searchParams.get("wait_ms") ?? 0),
    );
    this.#waiting.add(timer);
  }

  /** The same on every campus: what is in the counts makes no difference to who adds them up. */
  #happened(start: Timestamp, now: Timestamp): Rollup {
    const share = Math.min(1, (now - start) / BUCKET_MS);
    const upTo = (count: number): number => Math.floor(share * count);
    const passed = this.rush && share < 1 ? Math.floor((now - start) / 1_000) : upTo(2);
    return {
      "alarms.raised": upTo((start / BUCKET_MS) % 6 === 0 ? 1 : 0),
      "access.granted": passed,
      "access.refused": upTo((start / BUCKET_MS) % 3 === 0 ? 1 : 0),
      "screening.total": passed,
      "samples.expected": upTo(EXPECTED_PER_BUCKET),
      "samples.received": upTo(RECEIVED_PER_BUCKET),
      "samples.lost": upTo(4),
    };
  }
}

export const bucketOf = (time: Timestamp): Timestamp => Math.floor(time / BUCKET_MS) * BUCKET_MS;

const STANDING: Rollup = {
  "devices.registered": DEVICES_PER_CAMPUS,
  "devices.working": 391,
  "devices.faulty": 6,
  "devices.unreachable": 3,
  "nodes.registered": 2,
  "nodes.online": 2,
};

function say(answer: ServerResponse, body: object): void {
  answer.setHeader("content-type", "application/json");
  answer.end(JSON.stringify(body));
}
