/**
 * A city of 1,200 campuses with 400 devices each, as its hub has it: twelve county hubs tell the roll-ups of their
 * campuses. A day of them first, as after a day's outage; then each campus once in five minutes, without and with readers.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RollupView } from "@campus-ops/dashboards/api";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";
import { BUCKET_MS, CountyHub, DEVICES_PER_CAMPUS } from "./county-hub.ts";
import { figure } from "./figure.ts";
import { cpuSeconds, goFirst, residentBytes } from "./process-usage.ts";
import type { Report } from "./result.ts";

const COUNTIES = 12;
const CAMPUSES_PER_COUNTY = 100;
const CAMPUSES = COUNTIES * CAMPUSES_PER_COUNTY;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SHARE_RUNS = 5;
const SHARE_MS = 12_000;
const PAGES = 200;
/** Forty officials whose page asks anew every ten seconds. */
const PAGE_MS = 250;
const CITY = "990100";
const HUB_CORE = "0";
const COUNTIES_CORE = "1";
const CORE_SHARE = 0.25;
const PAGE_P95_MS = 150;

export async function city(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-city-"));
  const counties = Array.from({ length: COUNTIES }, (_, at) => `county-${at + 1}`);
  const campusesOf = (county: string) =>
    Array.from({ length: CAMPUSES_PER_COUNTY }, (_, at) => `${county}-campus-${at + 1}`);
  const password = randomBytes(16).toString("hex");
  const { config, mqttPort } = await configuration(folder, password, counties, campusesOf);
  const hub = await HubProcess.start({ config, mqttPort });
  const hubs: CountyHub[] = [];
  try {
    await hub.ready();
    const pids = [...new Set([hub.supervisorPid, ...hub.processes().map((name) => hub.pid(name))])];
    for (const pid of pids) onCore(pid, HUB_CORE);
    onCore(process.pid, COUNTIES_CORE);
    for (const [at, group] of counties.entries()) {
      const county = new CountyHub({
        folder: join(folder, group),
        url: `mqtt://127.0.0.1:${mqttPort}`,
        group,
        password,
        path: `${CITY}/${codeOf(at)}`,
        campuses: campusesOf(group),
      });
      county.connect();
      hubs.push(county);
    }
    const api = new ApiClient(hub.url);
    await eventually("every county is born", async () => hubs.every(({ node }) => node.born) || undefined);

    const load = new Load(hubs);
    const [started, before] = [performance.now(), cpuSeconds(pids)];
    const counts = await load.yesterday();
    await eventually("the city has taken the day", async () => {
      const { counts: all } = await page(api);
      return hubs.every(({ isEmpty }) => isEmpty) &&
        all["devices.registered"] === CAMPUSES * DEVICES_PER_CAMPUS
        ? true
        : undefined;
    });
    report(
      figure("a day of all campuses, told at once", "counts/s", [
        (counts / (performance.now() - started)) * 1_000,
      ]),
    );
    report(figure("… a core-second of the hub", "counts", [counts / (cpuSeconds(pids) - before)]));

    const share: number[] = [];
    for (let run = 0; run < SHARE_RUNS; run += 1) {
      share.push(await shareOfCore(pids, () => load.live(SHARE_MS)));
    }
    report(
      figure("each campus once in five minutes: the whole hub", "core", share, {
        target: CORE_SHARE,
        better: "lower",
      }),
    );
    report(figure("… resident memory", "B", [pids.reduce((sum, pid) => sum + residentBytes(pid), 0)]));

    const times: number[] = [];
    const withReaders = await shareOfCore(pids, async () => {
      await Promise.all([load.live(PAGES * PAGE_MS), read(api, times)]);
    });
    const [p95] = times.toSorted((a, b) => b - a).slice(Math.floor(times.length / 20));
    report(figure("page of the city, tree and completeness of a day", "ms", times));
    report(figure("… p95", "ms", [p95 ?? Number.NaN], { target: PAGE_P95_MS, better: "lower" }));
    report(figure("… the whole hub, with four pages a second", "core", [withReaders]));
  } finally {
    await Promise.all(hubs.map((county) => county.stop()));
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const codeOf = (county: number): string => String(990_101 + county);

function onCore(pid: number, core: string): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", core, String(pid)]);
  goFirst(pid);
}

async function configuration(
  folder: string,
  password: string,
  counties: readonly string[],
  campusesOf: (county: string) => readonly string[],
): Promise<{ readonly config: string; readonly mqttPort: number }> {
  writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
  const mqttPort = await freePort();
  const secret = { passwordFile: "password" };
  const title = (text: string) => ({ zh: text, en: text });
  const document = {
    site: {
      city: { code: CITY, title: title("City") },
      counties: counties.map((county, at) => ({
        code: codeOf(at),
        title: title(county),
        campuses: campusesOf(county).map((id) => ({ id, title: title(id) })),
      })),
    },
    broker: {
      listen: [{ host: "127.0.0.1", port: mqttPort }],
      users: [
        { ...secret, name: "ingest", role: "host", hostId: "hub" },
        ...counties.map((county) => ({ ...secret, name: county, role: "edge", campus: county, node: "hub" })),
      ],
    },
    ingest: { broker: { url: `mqtt://127.0.0.1:${mqttPort}`, username: "ingest", ...secret } },
  };
  const config = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(document));
  return { config, mqttPort };
}

class Load {
  readonly #hubs: readonly CountyHub[];
  /** The campus that is next, of all counties in turn. */
  #turn = 0;

  constructor(hubs: readonly CountyHub[]) {
    this.#hubs = hubs;
  }

  /** An hour of a campus a message. How many counts that were. */
  async yesterday(): Promise<number> {
    const now = Date.now();
    const first = Math.floor((now - DAY_MS) / HOUR_MS) * HOUR_MS;
    let counts = 0;
    for (let hour = first; hour < now; hour += HOUR_MS) {
      const buckets = Array.from({ length: HOUR_MS / BUCKET_MS }, (_, at) => hour + at * BUCKET_MS).filter(
        (bucket) => bucket + BUCKET_MS <= now,
      );
      const told = this.#hubs.flatMap((county) =>
        county.campuses.map((campus) => county.tell(campus, buckets, Math.min(now, hour + HOUR_MS))),
      );
      for (const each of await Promise.all(told)) counts += each;
    }
    return counts;
  }

  /** Each campus once in five minutes, evenly. */
  async live(milliseconds: number): Promise<void> {
    const started = performance.now();
    let told = 0;
    while (performance.now() - started < milliseconds) {
      const due = ((performance.now() - started) / BUCKET_MS) * CAMPUSES;
      for (; told < due; told += 1) {
        const county = this.#hubs[this.#turn % COUNTIES];
        const campus = county?.campuses[Math.floor(this.#turn / COUNTIES) % CAMPUSES_PER_COUNTY];
        this.#turn += 1;
        const now = Date.now();
        const bucket = Math.floor(now / BUCKET_MS) * BUCKET_MS - BUCKET_MS;
        if (county !== undefined && campus !== undefined) await county.tell(campus, [bucket], now);
      }
      await setTimeout(50);
    }
  }
}

async function shareOfCore(pids: readonly number[], work: () => Promise<void>): Promise<number> {
  const [before, started] = [cpuSeconds(pids), performance.now()];
  await work();
  return ((cpuSeconds(pids) - before) / (performance.now() - started)) * 1_000;
}

const page = (api: ApiClient): Promise<RollupView> => {
  const to = Date.now();
  return api.get<RollupView>(`/api/v1/rollups?from=${to - DAY_MS}&to=${to}`);
};

/** At its times, whether the one before has come or not; what it shows is looked at. */
async function read(api: ApiClient, times: number[]): Promise<void> {
  const asked: Promise<void>[] = [];
  for (let each = 0; each < PAGES; each += 1) {
    const started = performance.now();
    asked.push(
      page(api).then((view) => {
        times.push(performance.now() - started);
        const { counts, completeness } = view;
        if (counts["devices.registered"] !== CAMPUSES * DEVICES_PER_CAMPUS || completeness === undefined)
          throw new Error(`the city's page shows ${JSON.stringify(counts)}`);
      }),
    );
    await setTimeout(PAGE_MS);
  }
  await Promise.all(asked);
}
