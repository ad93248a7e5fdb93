/**
 * Two ingest and two rules workers with the servers that a city has, as processes: mosquitto, nats-server, VictoriaMetrics and
 * PostgreSQL. Boxes of four campuses report through the real outbox and hand-off while workers of either kind are killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { NatsServer } from "@campus-ops/broker/journal/testing/nats-server";
import { VictoriaMetricsServer } from "@campus-ops/ingest/store/victoria-metrics/testing/victoria-metrics-server";
import { Directory, openPostgres, type Postgres } from "@campus-ops/service/workers";
import { PASSWORD, PostgresServer } from "@campus-ops/service/workers/testing/postgres-server";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { cityClient } from "../../../dashboards/workers/city-client.ts";
import { eventually } from "../../testing/awaiting.ts";
import { freePort } from "../../testing/hub-process.ts";
import { LoadEdge } from "../../testing/load/load-edge.ts";
import { WorkerProcess } from "../../testing/scale-out/worker-process.ts";
import { tell } from "../outcome.ts";

const CAMPUSES = ["first", "second", "third", "fourth"] as const;
const LEASE_SECONDS = 6;
const SWIPES = 150;
const SWIPE_MS = 60;
const PATIENCE_MS = 150_000;
const PACK = resolve(import.meta.dirname, "../../testing/load/load-pack.yaml");

let folder: string;
let config: string;
let broker: string;
let mosquitto: ChildProcess;
let postgres: PostgresServer;
let nats: NatsServer;
let store: VictoriaMetricsServer;
let pool: Postgres;
const processes: WorkerProcess[] = [];
const edges: LoadEdge[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "scale-out-"));
  const port = await freePort();
  broker = `mqtt://127.0.0.1:${port}`;
  writeFileSync(join(folder, "mosquitto.conf"), `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  mosquitto = spawn("mosquitto", ["-c", join(folder, "mosquitto.conf")], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: "ignore",
  });
  [postgres, nats, store] = await Promise.all([
    PostgresServer.start(),
    NatsServer.start(),
    VictoriaMetricsServer.start(),
  ]);
  writeFileSync(join(folder, "postgres.password"), PASSWORD, { mode: 0o600 });
  config = join(folder, "hub.yaml");
  const campuses = CAMPUSES.map((id) => `        - { id: ${id}, title: { zh: ${id}, en: ${id} } }`);
  writeFileSync(
    config,
    `site:
  city: { code: '990100', title: { zh: 临岚市, en: Linlan } }
  counties:
    - code: '990101'
      title: { zh: 栖云县, en: Qiyun }
      campuses:
${campuses.join("\n")}
ingest:
  hostId: city
  broker: { url: '${broker}' }
  store: { engine: victoria-metrics, url: '${store.url}' }
rules: { packs: ['${PACK}'] }
journal: { kind: jetstream, url: '${nats.url}', stream: CITY }
relational: { kind: postgres, url: '${postgres.url}', passwordFile: postgres.password, leaseSeconds: ${LEASE_SECONDS} }
`,
  );
  pool = openPostgres(
    { url: postgres.url, password: PASSWORD, lease_ms: LEASE_SECONDS * 1_000 },
    () => undefined,
  );
});
afterAll(async () => {
  await Promise.all(edges.map((edge) => edge.stop()));
  await Promise.all(processes.map((worker) => worker.end("SIGKILL")));
  await pool?.end();
  mosquitto?.kill();
  await store?.stop();
  await nats?.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function begin(part: "ingest" | "rules", name: string): WorkerProcess {
  const worker = new WorkerProcess(part, config, join(folder, `${part}-${name}`));
  processes.push(worker);
  onTestFailed(() => console.log(part, name, worker.campuses, worker.complaints.slice(-20).join("\n")));
  return worker;
}

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await pool.query<Record<string, unknown>>(sql)).rows;
}

const shared = (workers: readonly WorkerProcess[]): Promise<true> =>
  eventually(
    "two campuses each",
    async () => workers.every(({ campuses }) => campuses.length === 2) || undefined,
    PATIENCE_MS,
  );

test("killed ingest and rules workers are replaced by their fellows: no swipe is lost or doubled, from the box to its alarm", {
  timeout: 600_000,
}, async () => {
  const rules = [begin("rules", "a"), begin("rules", "b")];
  const ingest = [begin("ingest", "a"), begin("ingest", "b")];
  await shared(ingest);
  await shared(rules);
  for (const campus of CAMPUSES) {
    const edge = new LoadEdge({
      folder: join(folder, `edge-${campus}`),
      url: broker,
      username: "box",
      password: "box",
      campus,
      campusPath: `990100/990101/${campus}`,
      node: "box-1",
      host: `city-${campus}`,
      sources: 1,
      ports: 2,
      since: Date.now(),
      step_ms: 100,
    });
    edges.push(edge);
    edge.connect();
  }
  await eventually("boxes are born", async () => edges.every(({ node }) => node.born) || undefined);
  const reporting = (async () => {
    for (let swipe = 0; swipe < SWIPES; swipe += 1) {
      for (const edge of edges) {
        await edge.refuse();
        for (const source of edge.sources) await edge.report(source);
      }
      await new Promise((resolve) => setTimeout(resolve, SWIPE_MS));
    }
  })();
  const taken: Record<string, number> = {};
  for (const [part, workers] of Object.entries({ ingest, rules })) {
    const [victim, heir] = workers;
    const at = performance.now();
    await victim?.end("SIGKILL");
    await eventually(
      "the other worker has all campuses",
      async () => heir?.campuses.length === CAMPUSES.length || undefined,
      PATIENCE_MS,
    );
    taken[part] = (performance.now() - at) / 1_000;
  }
  await reporting;
  await eventually(
    "the hub holds all that the boxes had",
    async () => edges.every((edge) => edge.isEmpty) || undefined,
    PATIENCE_MS,
  );
  const all = CAMPUSES.map((_campus) => ({ _campus, n: SWIPES, different: SWIPES })).toSorted((a, b) =>
    a._campus.localeCompare(b._campus),
  );
  await eventually(
    "every swipe is an event and an alarm",
    async () => {
      const events = await rows("SELECT count(*)::int AS n FROM ingest_events.events");
      const raised = await rows("SELECT count(*)::int AS n FROM rules_rules.alarms");
      const whole = SWIPES * CAMPUSES.length;
      return (Number(events[0]?.n) >= whole && Number(raised[0]?.n) >= whole) || undefined;
    },
    PATIENCE_MS,
  );
  expect(
    await rows(
      "SELECT _campus, count(*)::int AS n, count(DISTINCT id)::int AS different FROM ingest_events.events GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual(all);
  expect(
    await rows(
      "SELECT _campus, count(*)::int AS n, count(DISTINCT alarm)::int AS different FROM rules_rules.transitions WHERE event = 'raise' GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual(all);
  // What the console is answered, who asks all of them at once.
  const directory = new Directory({ postgres: pool, uptime_ms: () => performance.now() });
  const list = async (
    part: "rules" | "ingest",
    path: string,
  ): Promise<readonly { id: string; campus: string }[]> => {
    const answer = await cityClient(directory, part, CAMPUSES).fetch(path);
    return (await answer.json()) as readonly { id: string; campus: string }[];
  };
  const whole = SWIPES * CAMPUSES.length;
  const alarms = await list("rules", "/alarms?limit=5000");
  expect(new Set(alarms.map(({ id }) => id)).size).toBe(whole);
  // Beside the boxes, each campus's host is a node of its own.
  const nodes = (await list("ingest", "/nodes")).map(({ campus }) => campus);
  expect(nodes.filter((campus) => campus !== "hub").toSorted()).toEqual([...CAMPUSES].toSorted());
  expect(await list("ingest", `/events?from=0&to=${Date.now() + 60_000}&limit=1000`)).toHaveLength(whole);
  await directory.close();
  console.log(
    Object.entries(taken).map(
      ([part, seconds]) => `${part} taken over in ${seconds.toFixed(1)} s, with leases of ${LEASE_SECONDS} s`,
    ),
  );
  tell({
    fault: "ingest worker killed",
    part: "ingest workers",
    lost: 0,
    doubled: 0,
    recovered_s: taken.ingest ?? 0,
  });
});
