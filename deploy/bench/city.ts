/**
 * A city of 1,200 campuses with 400 devices each, as its hub has it: the agents of twelve county hubs, each a process, tell
 * the roll-ups of their campuses. A day of them first, as after a day's outage; then what comes in lessons, and what comes
 * in the morning, when something happens on every campus all the time; without and with readers.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RollupView } from "@campus-ops/dashboards/api";
import { CampusId, isStanding, ROLLUP_COUNT_NAMES, type Site } from "@campus-ops/device-profiles/vocabulary";
import { ApiClient } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { freePort, HubProcess } from "../testing/hub-process.ts";
import { BUCKET_MS, bucketOf, CountyHub, DEVICES_PER_CAMPUS, RECEIVED_PER_BUCKET } from "./county-hub.ts";
import { figure } from "./figure.ts";
import { cpuSeconds, goFirst, residentBytes } from "./process-usage.ts";
import type { Report } from "./result.ts";

const COUNTIES = 12;
const CAMPUSES_PER_COUNTY = 100;
const CAMPUSES = COUNTIES * CAMPUSES_PER_COUNTY;
const DAY_MS = 86_400_000;
/** Longer than the minute in which every campus tells what runs with the clock. */
const LIVE_MS = 70_000;
/** Parts of it, to see how far they differ. */
const LIVE_RUNS = 5;
const DAY_TAKEN_MS_MAX = 360_000;
/** As ingest waits before it folds, and two of its looks more. */
const FOLD_DELAY_MS = 75_000;
const FOLD_LOOK_MS = 15_000;
/** Whoever looks more often is most of what the hub does. */
const LOOK_MS = 2_000;
const PAGES = 200;
/** Forty officials whose page asks anew every ten seconds. */
const PAGE_MS = 250;
const CITY = "990100";
const HUB_CORE = "0";
const COUNTIES_CORE = "1";
const CORE_SHARE = 0.25;
const PAGE_P95_MS = 150;
const HAPPENED_COUNTS = ROLLUP_COUNT_NAMES.filter((count) => !isStanding(count)).length;

export async function city(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-city-"));
  const password = randomBytes(16).toString("hex");
  const { config, mqttPort } = await configuration(folder, password);
  const hub = await HubProcess.start({ config, mqttPort });
  const until = bucketOf(Date.now());
  const since = until - DAY_MS;
  const counties = SITES.map(
    (site, at) =>
      new CountyHub({
        folder: join(folder, `county-${at + 1}`),
        url: `mqtt://127.0.0.1:${mqttPort}`,
        password,
        site,
        since,
        core: COUNTIES_CORE,
      }),
  );
  try {
    await hub.ready();
    const pids = [...new Set([hub.supervisorPid, ...hub.processes().map((name) => hub.pid(name))])];
    for (const pid of pids) onCore(pid, HUB_CORE);
    onCore(process.pid, COUNTIES_CORE);
    const api = new ApiClient(hub.url);
    const [started, before] = [performance.now(), cpuSeconds(pids)];
    await Promise.all(counties.map((county) => county.start()));
    const buckets = DAY_MS / BUCKET_MS;
    await eventually(
      "the city has taken the day, and all of it",
      async () => {
        await setTimeout(LOOK_MS);
        const { counts } = await rollups(api, since, until);
        const received = counts["samples.received"] ?? 0;
        if (received > CAMPUSES * buckets * RECEIVED_PER_BUCKET)
          throw new Error(`${received} samples, doubled`);
        return received === CAMPUSES * buckets * RECEIVED_PER_BUCKET &&
          counts["devices.registered"] === CAMPUSES * DEVICES_PER_CAMPUS
          ? true
          : undefined;
      },
      DAY_TAKEN_MS_MAX,
    );
    const counts = CAMPUSES * buckets * HAPPENED_COUNTS;
    const seconds = (performance.now() - started) / 1_000;
    report(
      figure("a day of all campuses, told at once by agents that start", "counts/s", [counts / seconds]),
    );
    report(figure("… a core-second of the hub", "counts", [counts / (cpuSeconds(pids) - before)]));

    await foldedUp(api);
    const lessons = await shares(pids, () => setTimeout(LIVE_MS / LIVE_RUNS));
    report(
      figure("roll-ups of all campuses in lessons: the whole hub", "core", lessons, {
        target: CORE_SHARE,
        better: "lower",
      }),
    );
    for (const county of counties) county.rush = true;
    const morning = await shares(pids, () => setTimeout(LIVE_MS / LIVE_RUNS));
    report(
      figure("… in the morning, something on every campus at every look", "core", morning, {
        target: CORE_SHARE,
        better: "lower",
      }),
    );
    report(figure("… resident memory", "B", [pids.reduce((sum, pid) => sum + residentBytes(pid), 0)]));

    const times: number[] = [];
    const withReaders = await shareOfCore(pids, () => read(api, times));
    const [p95] = times.toSorted((a, b) => b - a).slice(Math.floor(times.length / 20));
    report(figure("page of the city, tree and completeness of a day", "ms", times));
    report(figure("… p95", "ms", [p95 ?? Number.NaN], { target: PAGE_P95_MS, better: "lower" }));
    report(figure("… the whole hub in the morning, with four pages a second", "core", [withReaders]));
  } finally {
    await Promise.all(counties.map((county) => county.stop()));
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The day is rolled up into hours and days a minute after it was told; that is over when nothing more goes away. */
async function foldedUp(api: ApiClient): Promise<void> {
  await setTimeout(FOLD_DELAY_MS);
  let before = Number.POSITIVE_INFINITY;
  await eventually(
    "the day is rolled up",
    async () => {
      const waiting = await api.metric("campus_ops_ingest_rollups_waiting");
      const isOver = waiting >= before;
      before = waiting;
      if (!isOver) await setTimeout(FOLD_LOOK_MS);
      return isOver ? true : undefined;
    },
    DAY_TAKEN_MS_MAX,
  );
}

async function shares(pids: readonly number[], work: () => Promise<void>): Promise<readonly number[]> {
  const found: number[] = [];
  for (let run = 0; run < LIVE_RUNS; run += 1) found.push(await shareOfCore(pids, work));
  return found;
}

const codeOf = (county: number): string => String(990_101 + county);
const title = (text: string) => ({ zh: text, en: text });

/** As each county's hub knows it. */
const SITES: readonly Site[] = Array.from({ length: COUNTIES }, (_, at) => ({
  city: { code: CITY, title: title("City") },
  counties: [
    {
      code: codeOf(at),
      title: title(`county-${at + 1}`),
      campuses: Array.from({ length: CAMPUSES_PER_COUNTY }, (_, campus) => {
        const id = `county-${at + 1}-campus-${campus + 1}`;
        return { id: CampusId(id), title: title(id) };
      }),
    },
  ],
}));

function onCore(pid: number, core: string): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", core, String(pid)]);
  goFirst(pid);
}

async function configuration(
  folder: string,
  password: string,
): Promise<{ readonly config: string; readonly mqttPort: number }> {
  writeFileSync(join(folder, "password"), `${password}\n`, { mode: 0o600 });
  const mqttPort = await freePort();
  const secret = { passwordFile: "password" };
  const document = {
    site: { city: SITES[0]?.city, counties: SITES.flatMap((site) => site.counties) },
    broker: {
      listen: [{ host: "127.0.0.1", port: mqttPort }],
      users: [
        { ...secret, name: "ingest", role: "host", hostId: "hub" },
        ...SITES.map((_, at) => ({
          ...secret,
          name: `${codeOf(at)}-hub`,
          role: "edge",
          campus: codeOf(at),
          node: "hub",
        })),
      ],
    },
    ingest: { broker: { url: `mqtt://127.0.0.1:${mqttPort}`, username: "ingest", ...secret } },
  };
  const config = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(document));
  return { config, mqttPort };
}

async function shareOfCore(pids: readonly number[], work: () => Promise<void>): Promise<number> {
  const [before, started] = [cpuSeconds(pids), performance.now()];
  await work();
  return ((cpuSeconds(pids) - before) / (performance.now() - started)) * 1_000;
}

const rollups = (api: ApiClient, from: number, to: number): Promise<RollupView> =>
  api.get<RollupView>(`/api/v1/rollups?from=${from}&to=${to}`);

/** At its times, whether the one before has come or not; what it shows is looked at. */
async function read(api: ApiClient, times: number[]): Promise<void> {
  const failures: unknown[] = [];
  const look = async (): Promise<void> => {
    const started = performance.now();
    const view = await rollups(api, Date.now() - DAY_MS, Date.now());
    times.push(performance.now() - started);
    const { counts, completeness } = view;
    if (counts["devices.registered"] !== CAMPUSES * DEVICES_PER_CAMPUS || completeness === undefined)
      throw new Error(`the city's page shows ${JSON.stringify(counts)}`);
  };
  const asked: Promise<unknown>[] = [];
  for (let each = 0; each < PAGES; each += 1) {
    // Caught at once: a page that fails while others are asked for must not end the process, and leave its hubs behind.
    asked.push(look().catch((error: unknown) => failures.push(error)));
    await setTimeout(PAGE_MS);
  }
  await Promise.all(asked);
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${PAGES} pages failed`, { cause: failures[0] });
}
