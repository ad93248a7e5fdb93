/**
 * A city whose hub is several workers: PostgreSQL and nats-server as processes, mosquitto and VictoriaMetrics too where boxes
 * report, the hub's configuration, and the workers and boxes that a test begins.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { NatsServer } from "@campus-ops/broker/journal/testing/nats-server";
import { VictoriaMetricsServer } from "@campus-ops/ingest/store/victoria-metrics/testing/victoria-metrics-server";
import { openPostgres, type Postgres } from "@campus-ops/service/workers";
import { PASSWORD, PostgresServer } from "@campus-ops/service/workers/testing/postgres-server";
import { onTestFailed } from "vitest";
import { eventually } from "../awaiting.ts";
import { freePort } from "../hub-process.ts";
import { LoadEdge } from "../load/load-edge.ts";
import { WorkerProcess } from "./worker-process.ts";

/** Raises an alarm of every card that is refused. */
export const PACK = resolve(import.meta.dirname, "../load/load-pack.yaml");
/** A worker and what it needs begin, or a lease ends and is taken over, on a machine that has much else to do. */
export const PATIENCE_MS = 180_000;
const CITY = "990100";
const COUNTY = "990101";
/** Of what a worker complains, as much as a failed test prints. */
const COMPLAINTS_MAX = 20;

export interface CityOptions {
  readonly campuses: readonly string[];
  readonly leaseSeconds: number;
  /** Boxes report: mosquitto and VictoriaMetrics run, ingest knows them, and rules have {@link PACK}. */
  readonly reporting?: boolean;
  /** Further sections of the hub's configuration. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

export class City {
  readonly folder = mkdtempSync(join(tmpdir(), "scale-out-"));
  /** The hub's configuration, which all workers share. */
  readonly config = join(this.folder, "hub.yaml");
  readonly nats: NatsServer;
  readonly pool: Postgres;
  readonly #campuses: readonly string[];
  readonly #postgres: PostgresServer;
  readonly #reporting: Reporting | undefined;
  readonly #workers: WorkerProcess[] = [];
  readonly #edges: LoadEdge[] = [];

  static async start(options: CityOptions): Promise<City> {
    const [postgres, nats, reporting] = await Promise.all([
      PostgresServer.start(),
      NatsServer.start(),
      options.reporting === true ? Reporting.start() : undefined,
    ]);
    return new City(options, postgres, nats, reporting);
  }

  private constructor(
    { campuses, leaseSeconds, sections }: CityOptions,
    postgres: PostgresServer,
    nats: NatsServer,
    reporting: Reporting | undefined,
  ) {
    this.#campuses = campuses;
    this.#postgres = postgres;
    this.nats = nats;
    this.#reporting = reporting;
    this.pool = openPostgres(
      { url: postgres.url, password: PASSWORD, lease_ms: leaseSeconds * 1_000 },
      () => undefined,
    );
    writeFileSync(join(this.folder, "postgres.password"), PASSWORD, { mode: 0o600 });
    const county = {
      code: COUNTY,
      title: { zh: "栖云县", en: "Qiyun" },
      campuses: campuses.map((id) => ({ id, title: { zh: id, en: id } })),
    };
    const document = {
      site: { city: { code: CITY, title: { zh: "临岚市", en: "Linlan" } }, counties: [county] },
      journal: { kind: "jetstream", url: nats.url, stream: "CITY" },
      relational: { kind: "postgres", url: postgres.url, passwordFile: "postgres.password", leaseSeconds },
      ...reporting?.sections,
      ...sections,
    };
    // JSON is YAML.
    writeFileSync(this.config, JSON.stringify(document));
  }

  /** To be called within a test: if it fails, it prints what the worker complained of. */
  begin(
    part: "ingest" | "rules" | "dashboards",
    name: string,
    environment: Readonly<Record<string, string>> = {},
  ): WorkerProcess {
    const worker = new WorkerProcess(part, this.config, join(this.folder, name), environment);
    this.#workers.push(worker);
    onTestFailed(() =>
      console.log(name, worker.campuses, worker.complaints.slice(-COMPLAINTS_MAX).join("\n")),
    );
    return worker;
  }

  /** Resolves when all of them have as many campuses as each other. */
  async shared(workers: readonly WorkerProcess[]): Promise<void> {
    const each = this.#campuses.length / workers.length;
    await eventually(
      `${each} campuses each`,
      async () => workers.every(({ campuses }) => campuses.length === each) || undefined,
      PATIENCE_MS,
    );
  }

  /** Resolves when one of them has the campuses of all; the seconds that it took. */
  async takenOver(heir: WorkerProcess | undefined): Promise<number> {
    const at = performance.now();
    await eventually(
      "the other worker has all campuses",
      async () => heir?.campuses.length === this.#campuses.length || undefined,
      PATIENCE_MS,
    );
    return (performance.now() - at) / 1_000;
  }

  /** Resolves when a box of each campus has been born. */
  async boxes(): Promise<readonly LoadEdge[]> {
    const url = this.#reporting?.url;
    if (url === undefined) throw new Error("this city has no broker for boxes");
    for (const campus of this.#campuses) {
      const edge = new LoadEdge({
        folder: join(this.folder, `edge-${campus}`),
        url,
        username: "box",
        password: "box",
        campus,
        campusPath: `${CITY}/${COUNTY}/${campus}`,
        node: "box-1",
        host: `city-${campus}`,
        sources: 1,
        ports: 2,
        since: Date.now(),
        step_ms: 100,
      });
      this.#edges.push(edge);
      edge.connect();
    }
    await eventually(
      "boxes are born",
      async () => this.#edges.every(({ node }) => node.born) || undefined,
      PATIENCE_MS,
    );
    return this.#edges;
  }

  async rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.pool.query<Record<string, unknown>>(sql)).rows;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#edges.map((edge) => edge.stop()));
    await Promise.all(this.#workers.map((worker) => worker.end("SIGKILL")));
    await this.pool.end();
    await this.#reporting?.stop();
    await this.nats.stop();
    await this.#postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What boxes report through, and where it ends up. */
class Reporting {
  readonly url: string;
  readonly #folder: string;
  readonly #mosquitto: ChildProcess;
  readonly #store: VictoriaMetricsServer;

  static async start(): Promise<Reporting> {
    return new Reporting(await freePort(), await VictoriaMetricsServer.start());
  }

  private constructor(port: number, store: VictoriaMetricsServer) {
    this.url = `mqtt://127.0.0.1:${port}`;
    this.#store = store;
    this.#folder = mkdtempSync(join(tmpdir(), "scale-out-mosquitto-"));
    const file = join(this.#folder, "mosquitto.conf");
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    // Workers and boxes come back until it listens.
    this.#mosquitto = spawn("mosquitto", ["-c", file], {
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
      stdio: "ignore",
    });
  }

  get sections(): Readonly<Record<string, unknown>> {
    const store = { engine: "victoria-metrics", url: this.#store.url };
    return { ingest: { hostId: "city", broker: { url: this.url }, store }, rules: { packs: [PACK] } };
  }

  async stop(): Promise<void> {
    this.#mosquitto.kill();
    await this.#store.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
