/** The hub's own processes, as `docs/scale-out.md` shares them out. */
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IStatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import type { IContainer } from "kubernetes-models/v1/Container";
import type { IService } from "kubernetes-models/v1/Service";
import {
  apart,
  asUser,
  DATA,
  HUB_IMAGE,
  HUB_MOUNTS,
  HUB_USER,
  hubVolumes,
  labels,
  named,
  type Program,
  program,
  SHUT_IN,
  secretsOfItsOwn,
  select,
  sized,
} from "./parts.ts";

const WORKERS = 2;
/** A process ends within 10 s; a worker hands its campuses over before. */
const STOP_S = 30;
/** A worker has taken its share by then; the next one is replaced after it. */
const SETTLED_S = 60;

export const INGEST: Program = {
  name: "ingest",
  main: "ingest/main.js",
  size: { cpu: "500m", memory: "512Mi", memoryMax: "1Gi" },
  worker: true,
};
export const RULES: Program = {
  name: "rules",
  main: "rules/main.js",
  size: { cpu: "250m", memory: "384Mi", memoryMax: "768Mi" },
  worker: true,
};
const CONSOLE: Program = {
  name: "console",
  main: "dashboards/main.js",
  socket: "dashboards",
  size: { cpu: "250m", memory: "256Mi", memoryMax: "512Mi" },
  ports: [{ name: "https", containerPort: 8080 }],
};
const ENROLMENT: Program = {
  name: "enrolment",
  main: "deploy/pki/main.js",
  socket: "enrolment",
  size: { cpu: "50m", memory: "128Mi", memoryMax: "256Mi" },
  ports: [{ name: "enrolment", containerPort: 8884 }],
};

/** What a worker has on its disk is a copy, and may be lost at any time. */
function workers(about: Program): readonly [IDeployment, IPodDisruptionBudget] {
  const { name } = about;
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: named(name),
      spec: {
        replicas: WORKERS,
        minReadySeconds: SETTLED_S,
        selector: select(name),
        // The others take over what one hands over: one at a time.
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        template: {
          metadata: { labels: labels(name) },
          spec: {
            ...asUser(HUB_USER),
            ...apart(name),
            terminationGracePeriodSeconds: STOP_S,
            initContainers: [secretsOfItsOwn],
            containers: [program(about)],
            volumes: hubVolumes({ name: "data", emptyDir: { sizeLimit: "8Gi" } }),
          },
        },
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: named(name),
      spec: { maxUnavailable: 1, selector: select(name) },
    },
  ];
}

/** By which boxes and people reach the cluster: `enrolment.names` of `hub.yaml`. */
export const OUTSIDE_NAME = "hub.example";

/**
 * On an empty disk: the certificate authority, the hub's certificate and the first administrator, whose password is in the
 * Secret. The `hub.yaml` that comes of it is not used: the ConfigMap's is.
 */
const firstStart: IContainer = {
  name: "first-start",
  image: HUB_IMAGE,
  command: [
    "sh",
    "-c",
    `[ -e ${DATA}/pki/server.pem ] || exec campus-ops init --folder ${DATA}/first-start --name ${OUTSIDE_NAME}` +
      " --city 990100:City --county 990101:County --campus first:School --administrator admin" +
      " < /etc/campus-ops-hub/secrets/administrator",
  ],
  volumeMounts: HUB_MOUNTS,
  ...SHUT_IN,
  ...sized({ cpu: "100m", memory: "128Mi", memoryMax: "512Mi" }),
};

/** Accounts, settings, the audit trail and the certificate authority are on its disk: there is one. */
const consoleSet: IStatefulSet = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: named("console"),
  spec: {
    replicas: 1,
    serviceName: "console",
    selector: select("console"),
    template: {
      metadata: { labels: labels("console") },
      spec: {
        ...asUser(HUB_USER),
        terminationGracePeriodSeconds: STOP_S,
        initContainers: [secretsOfItsOwn, firstStart],
        containers: [program(CONSOLE), program(ENROLMENT)],
        volumes: hubVolumes(undefined),
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: "data", labels: labels("console") },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "20Gi" } } },
      },
    ],
  },
};

const consoleService: IService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: named("console"),
  spec: {
    type: "LoadBalancer",
    selector: select("console").matchLabels,
    ports: [
      { name: "https", port: 443, targetPort: "https" },
      { name: "enrolment", port: 8884, targetPort: "enrolment" },
    ],
  },
};

export const HUB = {
  "ingest.yaml": workers(INGEST),
  "rules.yaml": workers(RULES),
  "console.yaml": [consoleSet, consoleService],
} as const;
