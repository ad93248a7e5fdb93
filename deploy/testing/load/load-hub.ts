/** A whole hub without devices of its own, for edges that only load it, and what it holds in the end. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { JournalDecoder, openJournalReader } from "@campus-ops/broker/journal";
import type { AlarmList, AlarmView, NodeView, QueryResult } from "@campus-ops/dashboards/api";
import { ApiClient } from "../api-client.ts";
import { eventually } from "../awaiting.ts";
import { freePort, HubProcess } from "../hub-process.ts";
import { GATE, type LoadEdgeOptions, ports, sourceIds } from "./load-edge.ts";
import type { LoadPlan } from "./load-plan.ts";

const CAMPUS = "load-school";
const CAMPUS_PATH = `990100/990102/${CAMPUS}`;
const PACK = resolve(import.meta.dirname, "load-pack.yaml");
const READ_ENTRIES = 5_000;
const YEAR_MS = 365 * 86_400_000;

/** What of one edge is where. Numbers that are not there exactly once are named, at most a few of them. */
export interface Account {
  readonly journal: {
    readonly samples: number;
    readonly refusals: number;
    readonly wrong: readonly string[];
  };
  readonly store: { readonly points: number };
  readonly alarms: { readonly raised: number; readonly wrong: readonly string[] };
}

export interface LoadHubOptions {
  /** Where its broker listens; 127.0.0.1 unless said. */
  readonly host?: string;
  /** A folder that outlives it; a temporary one unless said. */
  readonly data?: string;
  /** More of `broker.listen`. */
  readonly listen?: readonly object[];
  /** Users that hear everything, with the edges' password. */
  readonly monitors?: readonly string[];
  /** Rule packs beside the one of the load: built-in ones by name. None unless said. */
  readonly packs?: readonly string[];
  /** More of its configuration. */
  readonly sections?: Readonly<Record<string, object>>;
}

/** An edge that comes by its name and password. */
export interface LoadHubEdge extends LoadEdgeOptions {
  readonly username: string;
  readonly password: string;
}

export class LoadHub {
  readonly process: HubProcess;
  readonly api: ApiClient;
  /** Of its configuration, with the passwords beside it. */
  readonly folder: string;
  readonly #password: string;
  readonly #host: string;

  static async start(nodes: readonly string[], options: LoadHubOptions = {}): Promise<LoadHub> {
    const { data, host = "127.0.0.1", listen = [], monitors = [], packs = [], sections } = options;
    const folder = mkdtempSync(join(tmpdir(), "campus-ops-load-"));
    const password = randomBytes(16).toString("hex");
    for (const file of ["ingest", "edge"])
      writeFileSync(join(folder, file), `${password}\n`, { mode: 0o600 });
    const mqttPort = await freePort();
    const users = [
      { name: "ingest", passwordFile: "ingest", role: "host", hostId: "hub" },
      ...nodes.map((node) => ({ name: node, passwordFile: "edge", role: "edge", campus: CAMPUS, node })),
      ...monitors.map((name) => ({ name, passwordFile: "edge", role: "monitor" })),
    ];
    const title = { zh: "负载", en: "Load" };
    const campuses = [{ id: CAMPUS, title }];
    const config = join(folder, "hub.yaml");
    const document = {
      site: { city: { code: "990100", title }, counties: [{ code: "990102", title, campuses }] },
      broker: { listen: [{ host, port: mqttPort }, ...listen], users },
      ingest: {
        broker: { url: `mqtt://${host}:${mqttPort}`, username: "ingest", passwordFile: "ingest" },
        // What is as old as 72 hours offline is kept like the rest.
        retention: { journalDays: 30, pointDays: 30 },
      },
      rules: { packs: [PACK, ...packs] },
      ...sections,
    };
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(document));
    const hub = await HubProcess.start({
      config,
      mqttPort,
      ...(data === undefined ? {} : { data }),
    });
    try {
      await hub.ready();
    } catch (error) {
      await hub.stop();
      throw error;
    }
    return new LoadHub(hub, folder, password, host);
  }

  private constructor(hub: HubProcess, folder: string, password: string, host: string) {
    this.process = hub;
    this.api = new ApiClient(hub.url);
    this.folder = folder;
    this.#password = password;
    this.#host = host;
  }

  /** An edge of this hub. `url` when there is something between the two. */
  edge(
    node: string,
    size: Pick<LoadEdgeOptions, "sources" | "ports" | "cameras" | "bytesMax" | "since" | "step_ms">,
    url = `mqtt://${this.#host}:${this.process.mqttPort}`,
  ): LoadHubEdge {
    return {
      ...size,
      folder: join(this.folder, node),
      url,
      username: node,
      password: this.#password,
      campus: CAMPUS,
      campusPath: CAMPUS_PATH,
      node,
    };
  }

  /** Waits until every projection has read the whole journal, then counts what each of them holds of one edge. */
  async account(edge: LoadEdgeOptions, plan: LoadPlan): Promise<Account> {
    const journal = await this.#journal(edge, plan);
    const points = plan.sources * plan.numbers * edge.ports;
    await eventually("the store and the rules have read on", async () => {
      const [stored, alarms] = await Promise.all([this.#points(edge), this.#alarms(edge)]);
      return stored >= points && alarms.length >= plan.refusals ? true : undefined;
    }).catch(() => undefined);
    const alarms = await this.#alarms(edge);
    const occurrences = countEach(
      plan.refusals,
      alarms.map(({ instance }) => Number(instance)),
    );
    const repeated = alarms.filter(({ occurrence }) => occurrence !== 1);
    return {
      journal,
      store: { points: await this.#points(edge) },
      alarms: {
        raised: alarms.length,
        wrong: [...occurrences, ...repeated.map(({ instance }) => `alarm ${instance} was raised again`)],
      },
    };
  }

  async node(node: string): Promise<NodeView | undefined> {
    return (await this.nodes()).find(({ key }) => key === `${CAMPUS}/${node}`);
  }

  async nodes(): Promise<readonly NodeView[]> {
    const response = await this.process.private_("ingest").fetch(`/nodes?campus=${CAMPUS}`);
    return (await response.json()) as NodeView[];
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #journal({ node, ports: width }: LoadEdgeOptions, plan: LoadPlan): Promise<Account["journal"]> {
    const numbers = new Map(sourceIds(plan.sources).map((id): [string, number[]] => [id, []]));
    const refusals: number[] = [];
    const wrong: string[] = [];
    let samples = 0;
    for await (const { address, kind, samples: values, events } of this.entries()) {
      if (kind !== "DDATA" || address?.node !== node) continue;
      const counted = new Set(values.map(({ value }) => value));
      const [number] = counted;
      if (values.length > 0) {
        if (counted.size !== 1 || values.length !== width) wrong.push(`a torn record of ${address.device}`);
        numbers.get(address.device ?? "")?.push(Number(number));
        samples += values.length;
      }
      refusals.push(...events.map(({ fields }) => Number(fields.serial)));
    }
    for (const [source, said] of numbers) {
      wrong.push(...countEach(plan.numbers, said).map((text) => `${source}: ${text}`));
    }
    wrong.push(...countEach(plan.refusals, refusals).map((text) => `${GATE}: ${text}`));
    return { samples, refusals: refusals.length, wrong: wrong.slice(0, WRONG_NAMED_MAX) };
  }

  /** The whole journal, decoded. */
  async *entries() {
    const reader = openJournalReader(join(this.process.data, "journal"));
    const decoder = new JournalDecoder();
    try {
      for (let after = 0; ; ) {
        const entries = await reader.read(after, READ_ENTRIES);
        const last = entries.at(-1);
        if (last === undefined) return;
        for (const entry of entries) yield decoder.decode(entry);
        after = last.seq;
      }
    } finally {
      await reader.close();
    }
  }

  async #points(edge: LoadEdgeOptions): Promise<number> {
    const keys = new Set(sourceIds(edge.sources).map((id) => `${CAMPUS}/${edge.node}/${id}`));
    const counts = await Promise.all(
      ports(edge.ports).map(async (metric) => {
        const { series } = await this.#query({
          metric,
          from: edge.since,
          to: edge.since + YEAR_MS,
          step_ms: YEAR_MS,
          aggregation: "count",
          limit: 100_000,
        });
        return series
          .filter(({ key }) => keys.has(key))
          .flatMap(({ points }) => points.map(([, count]) => count));
      }),
    );
    return counts.flat().reduce((sum, count) => sum + count, 0);
  }

  async #query(body: object): Promise<QueryResult> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await this.process.private_("ingest").fetch("/query", init);
    if (!response.ok) throw new Error(`the store answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as QueryResult;
  }

  async #alarms({ node }: LoadEdgeOptions): Promise<readonly AlarmView[]> {
    const { alarms } = await this.api.get<AlarmList>("/api/v1/alarms?state=all&limit=5000");
    return alarms.filter(
      ({ device, rule }) => rule.endsWith("load-refused") && device.key === `${CAMPUS}/${node}/${GATE}`,
    );
  }
}

const WRONG_NAMED_MAX = 10;

/** What of 1 … `to` is not among `said` exactly once. */
function countEach(to: number, said: readonly number[]): readonly string[] {
  const times = new Map<number, number>();
  for (const number of said) times.set(number, (times.get(number) ?? 0) + 1);
  const wrong: string[] = [];
  for (let number = 1; number <= to; number += 1) {
    const count = times.get(number) ?? 0;
    if (count !== 1) wrong.push(`${number} is there ${count} times`);
    times.delete(number);
  }
  return [...wrong, ...[...times.keys()].map((number) => `${number} was never said`)];
}
