import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Influxd } from "@campus-ops/ingest/store/influxdb/testing/influxd";
import { embeddedStorePlace, openStoreAt } from "@campus-ops/ingest/store/place";
import { EXIT_CONFIGURATION } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";

const START = Date.UTC(2026, 2, 2);
const DAYS = 40;
const POINTS_A_DAY = 500;

let folder: string;
let influxd: Influxd;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "store-copy-"));
  influxd = await Influxd.start();
  const site = {
    city: { code: "990100", title: { zh: "云州市", en: "Yunzhou" } },
    counties: [{ code: "990102", title: { zh: "栖云区", en: "Qiyun" }, campuses: [] }],
  };
  const store = { engine: "influxdb", url: influxd.url, database: "ops" };
  // JSON is YAML.
  writeFileSync(join(folder, "old.yaml"), JSON.stringify({ site }));
  writeFileSync(join(folder, "new.yaml"), JSON.stringify({ site, ingest: { store } }));
  const { store: embedded } = await openStoreAt(embeddedStorePlace(join(folder, "data")), {
    now: Date.now,
    uptime_ms: () => performance.now(),
    signal: new AbortController().signal,
  });
  const points = Array.from({ length: DAYS * POINTS_A_DAY }, (_, at) => ({
    device: `a/box/${at % 7}`,
    metric: "Environment/CO2",
    time: START + at * (86_400_000 / POINTS_A_DAY),
    value: at,
  }));
  await embedded.write(points, { seq: 99 });
  await embedded.close();
});
afterEach(async () => {
  await influxd.stop();
  rmSync(folder, { recursive: true });
});

function start(...args: readonly string[]): { readonly child: ChildProcess; readonly printed: string[] } {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, "main.ts"), "store", "copy", ...args], {
    env: { ...process.env, CAMPUS_OPS_DATA: join(folder, "data") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => printed.push(...String(chunk).trimEnd().split("\n")));
  child.stderr.on("data", (chunk: Buffer) => printed.push(...String(chunk).trimEnd().split("\n")));
  return { child, printed };
}

const both = () => ["--from", join(folder, "old.yaml"), "--to", join(folder, "new.yaml")];

test("killed in the middle and said again, a copy goes on where it was and ends with both alike", {
  timeout: 120_000,
}, async () => {
  const first = start(...both());
  while (!first.printed.some((line) => /copying .*, ([5-9]|\d\d) of 40 days done/.test(line)))
    await once(first.child.stdout ?? first.child, "data");
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = start(...both());
  expect(await once(second.child, "close")).toEqual([0, null]);
  const copied = second.printed.filter((line) => line.startsWith("copying"));
  expect(copied.length).toBeLessThan(DAYS);
  expect(second.printed.at(-1)).toMatch(
    /^both stores hold the same 20,000 points of 7 series and 40 days \(\d+ days copied before\)\. .* at entry 99 of the journal$/,
  );
  const third = start(...both());
  expect(await once(third.child, "close")).toEqual([0, null]);
});

test("what cannot be copied is said in words, with what to do", { timeout: 60_000 }, async () => {
  const same = start("--from", join(folder, "old.yaml"), "--to", join(folder, "old.yaml"));
  expect(await once(same.child, "close")).toEqual([EXIT_CONFIGURATION, null]);
  expect(same.printed.join()).toMatch(/name the same store/);
  await influxd.end();
  const away = start(...both());
  expect(await once(away.child, "close")).toEqual([EXIT_CONFIGURATION, null]);
  expect(away.printed.join()).toMatch(
    /InfluxDB does not answer: .*What was copied is kept; say the same again/,
  );
});
