/** Where a hub's time series are: `ingest.store` of its configuration. */
import { join } from "node:path";
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { InfluxDbAddress } from "./influxdb/addressing.ts";
import { RejectedPoints } from "./rejected-points.ts";
import type { SnapshotStore } from "./snapshot.ts";
import type { PointStore } from "./store.ts";
import type { VictoriaMetricsAddress } from "./victoria-metrics/addressing.ts";

export interface StoreConfiguration {
  readonly engine: "embedded" | "influxdb" | "victoria-metrics";
  /** InfluxDB, or a single VictoriaMetrics. */
  readonly url?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  /** InfluxDB. */
  readonly version: 1 | 2 | 3;
  readonly database?: string;
  readonly retentionPolicy?: string;
  readonly organisation?: string;
  readonly bucket?: string;
  readonly tokenFile?: string;
  /** VictoriaMetrics cluster. */
  readonly insertUrl?: string;
  readonly selectUrl?: string;
  readonly account: string;
}

const URL_TEXT = { type: "string", pattern: "^https?://[^/]" } as const;
const TEXT = { type: "string", minLength: 1 } as const;

export const STORE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  description: "the time-series store",
  properties: {
    engine: { enum: ["embedded", "influxdb", "victoria-metrics"], default: "embedded" },
    url: { ...URL_TEXT, description: "InfluxDB, or a single VictoriaMetrics" },
    username: { ...TEXT, description: "InfluxDB 1.x, VictoriaMetrics behind basic authentication" },
    passwordFile: { ...TEXT, description: "mode 0600" },
    version: { enum: [1, 2, 3], default: 1, description: "InfluxDB" },
    database: {
      ...TEXT,
      description: "InfluxDB 1.x; from 2.x on that of the DBRP mapping, the bucket unless said",
    },
    retentionPolicy: { ...TEXT, description: "InfluxDB; the database's default unless said" },
    organisation: { ...TEXT, description: "InfluxDB 2.x" },
    bucket: { ...TEXT, description: "InfluxDB 2.x; the database in 3.x" },
    tokenFile: { ...TEXT, description: "InfluxDB from 2.x on, mode 0600" },
    insertUrl: { ...URL_TEXT, description: "vminsert of a VictoriaMetrics cluster" },
    selectUrl: { ...URL_TEXT, description: "vmselect of a VictoriaMetrics cluster" },
    account: {
      type: "string",
      pattern: "^[0-9]+(:[0-9]+)?$",
      default: "0",
      description: "VictoriaMetrics cluster: accountID or accountID:projectID",
    },
  },
} as const;

export type StorePlace =
  | { readonly engine: "embedded"; readonly folder: string }
  | { readonly engine: "influxdb"; readonly address: InfluxDbAddress; readonly rejectedFile: string }
  | { readonly engine: "victoria-metrics"; readonly address: VictoriaMetricsAddress };

/** The embedded store's place in a data folder. */
export function embeddedStorePlace(data: string): StorePlace {
  return { engine: "embedded", folder: join(data, "store") };
}

/** What each engine needs beyond what the schema can say: `[field, message, zh]`. */
export function storeProblems(
  store: StoreConfiguration,
): (readonly [field: string, message: string, zh: string])[] {
  const lacking = (...fields: readonly (keyof StoreConfiguration)[]) =>
    fields
      .filter((field) => store[field] === undefined)
      .map((field) => [field, `is needed for ${store.engine}`, `${store.engine} 需要这个字段`] as const);
  switch (store.engine) {
    case "embedded":
      return [];
    case "influxdb":
      if (store.version === 1) return lacking("url", "database");
      return lacking("url", "bucket", "tokenFile", ...(store.version === 2 ? ["organisation" as const] : []));
    case "victoria-metrics":
      if (store.url !== undefined && (store.insertUrl ?? store.selectUrl) !== undefined)
        return [
          [
            "url",
            "is for a single server, insertUrl and selectUrl are for a cluster; choose one",
            "用于单台服务器，insertUrl 和 selectUrl 用于集群，请二选一",
          ],
        ];
      return store.url === undefined ? lacking("insertUrl", "selectUrl") : [];
  }
}

/** `read` gives the secret in a file. The configuration has no {@link storeProblems}. */
export function storePlace(
  store: StoreConfiguration,
  data: string,
  read: (path: string) => string,
): StorePlace {
  const { engine, url = "", username, passwordFile } = store;
  const password = passwordFile === undefined ? undefined : read(passwordFile);
  if (engine === "embedded") return embeddedStorePlace(data);
  if (engine === "victoria-metrics") {
    const { insertUrl = "", selectUrl = "", account } = store;
    const server =
      store.url === undefined
        ? ({ kind: "cluster", insertUrl, selectUrl, account } as const)
        : ({ kind: "single", url } as const);
    const credentials = username === undefined ? {} : { credentials: { username, password: password ?? "" } };
    return { engine, address: { ...server, ...credentials } };
  }
  const rejectedFile = join(data, "store-rejected", "points");
  const policy = store.retentionPolicy === undefined ? {} : { retentionPolicy: store.retentionPolicy };
  const { version, database, organisation = "", bucket = "", tokenFile = "" } = store;
  if (version === 1) {
    const user = username === undefined ? {} : { username, ...(password === undefined ? {} : { password }) };
    return {
      engine,
      rejectedFile,
      address: { generation: version, url, database: database ?? "", ...policy, ...user },
    };
  }
  const mapped = database === undefined ? {} : { database };
  const address = {
    generation: version,
    url,
    organisation,
    bucket,
    token: read(tokenFile),
    ...mapped,
    ...policy,
  };
  return { engine, rejectedFile, address };
}

export interface StoreSurroundings {
  /** Of several journals that are written into one engine, the name of this one: each has a checkpoint of its own. */
  readonly journal?: string;
  readonly now: () => Timestamp;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
  /** Ends requests to an engine elsewhere that does not answer. */
  readonly signal: AbortSignal;
}

export interface OpenedStore {
  readonly store: PointStore;
  /** Points that the engine refused and that were set aside. */
  readonly rejected: () => number;
  /** Absent for an engine elsewhere, which has backups of its own. */
  readonly snapshot?: SnapshotStore["snapshot"];
}

/** An engine elsewhere need not be there. */
export async function openStoreAt(place: StorePlace, surroundings: StoreSurroundings): Promise<OpenedStore> {
  const none = () => 0;
  switch (place.engine) {
    case "embedded": {
      const { openEmbeddedStore } = await import("./embedded.ts");
      const store = await openEmbeddedStore(place.folder);
      return { store, rejected: none, snapshot: (folder) => store.snapshot(folder) };
    }
    case "influxdb": {
      const { openInfluxDbStore } = await import("./influxdb/influxdb.ts");
      const rejected = new RejectedPoints(place.rejectedFile);
      const store = openInfluxDbStore({ ...surroundings, address: place.address, rejected });
      return { store, rejected: () => rejected.count };
    }
    case "victoria-metrics": {
      const { openVictoriaMetricsStore } = await import("./victoria-metrics/victoria-metrics.ts");
      return { store: openVictoriaMetricsStore({ ...surroundings, address: place.address }), rejected: none };
    }
  }
}
