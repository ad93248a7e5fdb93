/**
 * The servers that a hub of several machines stands on. Each is here in its plainest form; a bureau that has one already, or
 * an operator for it, leaves ours out and changes the addresses in `hub.yaml`.
 */
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IService } from "kubernetes-models/v1/Service";
import { apart, asUser, labels, named, SHUT_IN, type Size, select, sized } from "./parts.ts";

const VICTORIA_METRICS = "v1.106.1-cluster";
const EMQX_USER = 1_000;
const POSTGRES_USER = 999;
const GRAFANA_USER = 472;
/** Images that come with no user of their own. */
const ANY_USER = 10_010;

interface Server {
  readonly name: string;
  readonly image: string;
  readonly user: number;
  readonly replicas: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly size: Size;
  readonly container?: Partial<IContainer>;
  readonly pod?: Partial<IPodSpec>;
  readonly service?: IService["spec"];
}

const podOf = ({ container = {}, image, name, pod = {}, ports, size, user }: Server) => ({
  metadata: { labels: labels(name) },
  spec: {
    ...asUser(user),
    ...apart(name),
    containers: [
      {
        name,
        image,
        ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
        ...SHUT_IN,
        ...sized(size),
        ...container,
      },
    ],
    ...pod,
  },
});

const serviceOf = ({ name, ports, service = {} }: Server): IService => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: named(name),
  spec: {
    selector: select(name).matchLabels,
    ports: Object.entries(ports).map(([port, number]) => ({ name: port, port: number, targetPort: port })),
    ...service,
  },
});

/** Keeps what it has; each of them has a name that stays, and a disk. */
function keeping(
  server: Server & { readonly path: string; readonly storage: string },
): readonly [IStatefulSet, IService] {
  const { container = {}, name, path, replicas, storage } = server;
  const mounts = [{ name: "data", mountPath: path }, ...(container.volumeMounts ?? [])];
  return [
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: named(name),
      spec: {
        replicas,
        serviceName: name,
        podManagementPolicy: "Parallel",
        selector: select(name),
        template: podOf({ ...server, container: { ...container, volumeMounts: mounts } }),
        volumeClaimTemplates: [
          {
            metadata: { name: "data", labels: labels(name) },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
          },
        ],
      },
    },
    // Each by its name, and before it is ready: they find each other to become so.
    serviceOf({ ...server, service: { clusterIP: "None", publishNotReadyAddresses: true } }),
  ];
}

const serving = (server: Server): readonly [IDeployment, IService] => [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: named(server.name),
    spec: { replicas: server.replicas, selector: select(server.name), template: podOf(server) },
  },
  serviceOf(server),
];

const http = (path: string, port: string) => ({ httpGet: { path, port }, timeoutSeconds: 5 });
const from = (server: string, at: number): string => `${server}-${at}.${server}.campus-ops.svc.cluster.local`;

const NATS = 3;
const [natsSet, natsService] = keeping({
  name: "nats",
  image: "nats:2.11-alpine",
  user: ANY_USER,
  replicas: NATS,
  ports: { client: 4222, cluster: 6222, monitor: 8222 },
  size: { cpu: "250m", memory: "256Mi", memoryMax: "1Gi" },
  path: "/data",
  storage: "100Gi",
  container: {
    args: ["--config", "/etc/nats/nats.conf", "--name", "$(POD_NAME)"],
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    volumeMounts: [
      { name: "configuration", mountPath: "/etc/nats", readOnly: true },
      { name: "password", mountPath: "/etc/nats-secret", readOnly: true },
    ],
    livenessProbe: {
      ...http("/healthz?js-server-only=true", "monitor"),
      periodSeconds: 30,
      failureThreshold: 5,
    },
    readinessProbe: http("/healthz", "monitor"),
  },
  pod: {
    volumes: [
      { name: "configuration", configMap: { name: "nats" } },
      { name: "password", secret: { secretName: "nats", defaultMode: 0o440 } },
    ],
  },
});

const [postgresSet, postgresService] = keeping({
  name: "postgres",
  image: "postgres:17-bookworm",
  user: POSTGRES_USER,
  replicas: 1,
  ports: { postgres: 5432 },
  size: { cpu: "500m", memory: "512Mi", memoryMax: "2Gi" },
  path: "/var/lib/postgresql/data",
  storage: "50Gi",
  container: {
    env: [
      { name: "POSTGRES_USER", value: "campus_ops" },
      { name: "POSTGRES_DB", value: "campus_ops" },
      { name: "POSTGRES_PASSWORD_FILE", value: "/secrets/postgres" },
      { name: "POSTGRES_INITDB_ARGS", value: "--auth-host=scram-sha-256 --data-checksums" },
      // The disk's own folder has a lost+found, and must not be it.
      { name: "PGDATA", value: "/var/lib/postgresql/data/cluster" },
    ],
    volumeMounts: [
      { name: "password", mountPath: "/secrets", readOnly: true },
      { name: "run", mountPath: "/var/run/postgresql" },
      { name: "tmp", mountPath: "/tmp" },
    ],
    readinessProbe: { exec: { command: ["pg_isready", "--username=campus_ops"] }, timeoutSeconds: 5 },
  },
  pod: {
    volumes: [
      {
        name: "password",
        secret: { secretName: "hub", defaultMode: 0o440, items: [{ key: "postgres", path: "postgres" }] },
      },
      { name: "run", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
    ],
  },
});

const STORAGES = 2;
const storages = (port: number): string =>
  Array.from({ length: STORAGES }, (_, at) => `${from("vmstorage", at)}:${port}`).join(",");
const vmHealth = (port: string) => ({
  readinessProbe: http("/health", port),
  livenessProbe: http("/health", port),
});

/** Each point is on both, so that one may be away. */
const victoriaMetrics = [
  ...keeping({
    name: "vmstorage",
    image: `victoriametrics/vmstorage:${VICTORIA_METRICS}`,
    user: ANY_USER,
    replicas: STORAGES,
    ports: { http: 8482, insert: 8400, select: 8401 },
    size: { cpu: "500m", memory: "1Gi", memoryMax: "4Gi" },
    path: "/storage",
    storage: "200Gi",
    container: {
      args: ["-storageDataPath=/storage", "-retentionPeriod=21y", "-dedup.minScrapeInterval=1ms"],
      ...vmHealth("http"),
    },
  }),
  ...serving({
    name: "vminsert",
    image: `victoriametrics/vminsert:${VICTORIA_METRICS}`,
    user: ANY_USER,
    replicas: 2,
    ports: { http: 8480 },
    size: { cpu: "250m", memory: "256Mi", memoryMax: "1Gi" },
    container: { args: [`-storageNode=${storages(8400)}`, "-replicationFactor=2"], ...vmHealth("http") },
  }),
  ...serving({
    name: "vmselect",
    image: `victoriametrics/vmselect:${VICTORIA_METRICS}`,
    user: ANY_USER,
    replicas: 2,
    ports: { http: 8481 },
    size: { cpu: "250m", memory: "256Mi", memoryMax: "1Gi" },
    container: {
      args: [
        `-storageNode=${storages(8401)}`,
        "-replicationFactor=2",
        "-dedup.minScrapeInterval=1ms",
        "-search.latencyOffset=0s",
        "-cacheDataPath=/cache",
      ],
      volumeMounts: [{ name: "cache", mountPath: "/cache" }],
      ...vmHealth("http"),
    },
    pod: { volumes: [{ name: "cache", emptyDir: { sizeLimit: "1Gi" } }] },
  }),
];

const [emqxSet, emqxService] = keeping({
  name: "emqx",
  image: "emqx/emqx:5.8.6",
  user: EMQX_USER,
  replicas: 2,
  ports: { mqtt: 1883, mqtts: 8883, cluster: 4370, rpc: 5370, http: 18083 },
  size: { cpu: "500m", memory: "512Mi", memoryMax: "2Gi" },
  path: "/opt/emqx/data",
  storage: "10Gi",
  container: {
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "EMQX_NODE__NAME", value: "emqx@$(POD_NAME).emqx.campus-ops.svc.cluster.local" },
      { name: "EMQX_NODE__COOKIE", valueFrom: { secretKeyRef: { name: "emqx", key: "cookie" } } },
    ],
    volumeMounts: [
      { name: "configuration", mountPath: "/opt/emqx/etc/emqx.conf", subPath: "emqx.conf", readOnly: true },
      { name: "configuration", mountPath: "/opt/emqx/etc/acl.conf", subPath: "acl.conf", readOnly: true },
      { name: "secrets", mountPath: "/secrets", readOnly: true },
      { name: "log", mountPath: "/opt/emqx/log" },
      { name: "tmp", mountPath: "/tmp" },
    ],
    // It writes what it makes of its configuration beside that.
    securityContext: { ...SHUT_IN.securityContext, readOnlyRootFilesystem: false },
    readinessProbe: http("/status", "http"),
    livenessProbe: { ...http("/status", "http"), initialDelaySeconds: 60, periodSeconds: 30 },
  },
  pod: {
    volumes: [
      { name: "configuration", configMap: { name: "emqx" } },
      { name: "secrets", secret: { secretName: "emqx", defaultMode: 0o440 } },
      { name: "log", emptyDir: { sizeLimit: "256Mi" } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
    ],
  },
});

/** Boxes and hubs below come from outside, and to this port alone. */
const boxes: IService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: named("boxes"),
  spec: {
    type: "LoadBalancer",
    selector: select("emqx").matchLabels,
    ports: [{ name: "mqtts", port: 8883, targetPort: "mqtts" }],
  },
};

const [grafana, grafanaService] = serving({
  name: "grafana",
  image: "grafana/grafana-oss:12.2.0",
  user: GRAFANA_USER,
  replicas: 1,
  ports: { http: 3000 },
  size: { cpu: "100m", memory: "128Mi", memoryMax: "512Mi" },
  container: {
    env: [
      { name: "GF_USERS_DEFAULT_LANGUAGE", value: "zh-Hans" },
      { name: "GF_ANALYTICS_REPORTING_ENABLED", value: "false" },
      { name: "GF_ANALYTICS_CHECK_FOR_UPDATES", value: "false" },
      { name: "GF_SECURITY_ADMIN_PASSWORD__FILE", value: "/secrets/administrator" },
      { name: "CAMPUS_OPS_VICTORIA_METRICS_URL", value: "http://vmselect:8481/select/0/prometheus" },
    ],
    volumeMounts: [
      { name: "data", mountPath: "/var/lib/grafana" },
      { name: "tmp", mountPath: "/tmp" },
      { name: "secrets", mountPath: "/secrets", readOnly: true },
      ...["datasources", "alerting"].map((each) => ({
        name: each,
        mountPath: `/etc/grafana/provisioning/${each}`,
        readOnly: true,
      })),
      {
        name: "dashboards",
        mountPath: "/etc/grafana/provisioning/dashboards/campus-ops.yaml",
        subPath: "campus-ops.yaml",
        readOnly: true,
      },
      ...["zh", "en"].map((each) => ({
        name: `dashboards-${each}`,
        mountPath: `/etc/grafana/provisioning/dashboards/${each}`,
        readOnly: true,
      })),
    ],
    readinessProbe: http("/api/health", "http"),
  },
  pod: {
    volumes: [
      { name: "data", emptyDir: { sizeLimit: "1Gi" } },
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "secrets", secret: { secretName: "grafana", defaultMode: 0o440 } },
      ...["datasources", "alerting", "dashboards", "dashboards-zh", "dashboards-en"].map((each) => ({
        name: each,
        configMap: { name: `grafana-${each}` },
      })),
    ],
  },
});

export const SERVERS = {
  "nats.yaml": [natsSet, natsService],
  "postgres.yaml": [postgresSet, postgresService],
  "victoria-metrics.yaml": victoriaMetrics,
  "emqx.yaml": [emqxSet, emqxService, boxes],
  "grafana.yaml": [grafana, grafanaService],
} as const;
