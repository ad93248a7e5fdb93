/** What all workloads have in common: no rights, a read-only root, limits, and secrets as files of their user alone. */
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { ISecurityContext } from "kubernetes-models/v1/SecurityContext";
import type { IVolume } from "kubernetes-models/v1/Volume";
import type { IVolumeMount } from "kubernetes-models/v1/VolumeMount";

export const NAMESPACE = "campus-ops";
export const HUB_IMAGE = "campus-ops-hub:0.1.0";
/** As `deploy/containers/hub.Dockerfile` has it. */
export const HUB_USER = 10_001;
const HUB_HOME = "/usr/lib/campus-ops-hub";
const CONFIGURATION = "/etc/campus-ops-hub";
const RUN = "/run/campus-ops-hub";
export const DATA = "/var/lib/campus-ops-hub";

export interface Size {
  readonly cpu: string;
  readonly memory: string;
  /** What it is ended at; there is no limit of processor time, which would only make it late. */
  readonly memoryMax: string;
}

export const sized = ({ cpu, memory, memoryMax }: Size) => ({
  resources: { requests: { cpu, memory }, limits: { memory: memoryMax } },
});

export const labels = (name: string) => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/part-of": "campus-ops",
});

export const named = (name: string) => ({ name, namespace: NAMESPACE, labels: labels(name) });

export const select = (name: string) => ({ matchLabels: { "app.kubernetes.io/name": name } });

const RESTRICTED: ISecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

export const SHUT_IN = { securityContext: RESTRICTED };

/** `user` owns what is mounted, too. */
export const asUser = (user: number): Pick<IPodSpec, "securityContext" | "automountServiceAccountToken"> => ({
  securityContext: {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  },
  automountServiceAccountToken: false,
});

/** Two of a kind are not on one machine where there is another. */
export const apart = (name: string): Pick<IPodSpec, "affinity"> => ({
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { labelSelector: select(name), topologyKey: "kubernetes.io/hostname" },
        },
      ],
    },
  },
});

const IN_MEMORY: IVolume["emptyDir"] = { medium: "Memory", sizeLimit: "16Mi" };

/** Volumes of every pod of ours; `data` is the folder that must survive, or need not. */
export const hubVolumes = (data: IVolume | undefined): IVolume[] => [
  { name: "configuration", configMap: { name: "hub" } },
  { name: "secrets-told", secret: { secretName: "hub", defaultMode: 0o440 } },
  { name: "secrets", emptyDir: IN_MEMORY },
  { name: "run", emptyDir: IN_MEMORY },
  { name: "cache", emptyDir: { sizeLimit: "256Mi" } },
  { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
  ...(data === undefined ? [] : [data]),
];

export const HUB_MOUNTS: IVolumeMount[] = [
  { name: "configuration", mountPath: `${CONFIGURATION}/hub.yaml`, subPath: "hub.yaml", readOnly: true },
  { name: "secrets", mountPath: `${CONFIGURATION}/secrets`, readOnly: true },
  { name: "run", mountPath: RUN },
  { name: "cache", mountPath: "/var/cache/campus-ops-hub" },
  { name: "tmp", mountPath: "/tmp" },
  { name: "data", mountPath: DATA },
];

/**
 * The hub takes no secret that others can read, and a cluster hands secrets out to a group: they are copied into memory,
 * for their user alone.
 */
export const secretsOfItsOwn: IContainer = {
  name: "secrets",
  image: HUB_IMAGE,
  command: ["sh", "-c", "install --mode=0600 --target-directory=/secrets /secrets-told/*"],
  volumeMounts: [
    { name: "secrets-told", mountPath: "/secrets-told", readOnly: true },
    { name: "secrets", mountPath: "/secrets" },
  ],
  ...SHUT_IN,
  ...sized({ cpu: "10m", memory: "16Mi", memoryMax: "64Mi" }),
};

export interface Program {
  readonly name: string;
  /** Below the package's folder. */
  readonly main: string;
  /** Of its private socket, where its health is asked; a worker has a port for that. */
  readonly socket?: string;
  readonly size: Size;
  /** Where others reach it. */
  readonly worker?: true;
  readonly ports?: IContainer["ports"];
}

/** Where a worker is asked how it is: {@link PROBE_PORT} in `CAMPUS_OPS_PROBE_PORT`. */
export const PROBE_PORT = 9_090;
const probed = (path: string) => ({ httpGet: { path, port: PROBE_PORT }, timeoutSeconds: 5 });

/** PostgreSQL that is away makes a worker unready, and never restarts it. */
const WORKER_PROBES: Partial<IContainer> = {
  startupProbe: { ...probed("/livez"), periodSeconds: 5, failureThreshold: 60 },
  readinessProbe: { ...probed("/readyz"), periodSeconds: 10 },
  livenessProbe: { ...probed("/livez"), periodSeconds: 30, failureThreshold: 3 },
};

function socketProbes(socket: string): Partial<IContainer> {
  const ask = `require("node:http").get({ socketPath: "${RUN}/${socket}.sock", path: "/healthz" }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on("error", () => process.exit(1))`;
  const health = { exec: { command: [`${HUB_HOME}/node`, "--eval", ask] }, timeoutSeconds: 10 };
  return {
    // What an older version left may have to be brought up to date first.
    startupProbe: { ...health, periodSeconds: 10, failureThreshold: 60 },
    readinessProbe: { ...health, periodSeconds: 15 },
  };
}

export function program({ main, name, ports = [], size, socket, worker }: Program): IContainer {
  const open = worker === true ? [...ports, { name: "probe", containerPort: PROBE_PORT }] : ports;
  return {
    name,
    image: HUB_IMAGE,
    command: [`${HUB_HOME}/node`, `${HUB_HOME}/${main}`],
    env: [
      { name: "CAMPUS_OPS_CONFIG", value: `${CONFIGURATION}/hub.yaml` },
      { name: "CAMPUS_OPS_DATA", value: DATA },
      { name: "CAMPUS_OPS_RUN", value: RUN },
      { name: "NODE_COMPILE_CACHE", value: "/var/cache/campus-ops-hub" },
      { name: "TZ", value: "Asia/Shanghai" },
      ...(worker === true
        ? [
            { name: "CAMPUS_OPS_WORKER_HOST", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            { name: "CAMPUS_OPS_PROBE_PORT", value: String(PROBE_PORT) },
          ]
        : []),
    ],
    ...(worker === true ? WORKER_PROBES : {}),
    ...(socket === undefined ? {} : socketProbes(socket)),
    volumeMounts: HUB_MOUNTS,
    ...SHUT_IN,
    ...sized(size),
    ...(open.length === 0 ? {} : { ports: open }),
  };
}
