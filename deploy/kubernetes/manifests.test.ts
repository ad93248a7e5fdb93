/**
 * What a cluster is given: by the API's own schema, and by what would only be found out in a cluster, which is not at hand.
 * Names of fields that do not exist are the compiler's to find: the manifests are typed.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { type IStatefulSet, StatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { type IService, Service } from "kubernetes-models/v1/Service";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { checkConfiguration } from "../cli/check-config.ts";
import { Authority } from "../pki/authority.ts";
import { boxAccess, hubAccess } from "../pki/mosquitto.ts";
import { ensureServerCertificate } from "../pki/server-certificate.ts";
import { OUTSIDE_NAME } from "./hub.ts";
import { CONFIGURATIONS, configurationFile, kubernetesFiles, MANIFESTS, SECRETS } from "./manifests.ts";
import { WAYS } from "./network.ts";
import { DATA } from "./parts.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const KINDS = { Deployment, Namespace, NetworkPolicy, PodDisruptionBudget, Service, StatefulSet } as const;
const documents = Object.values(MANIFESTS).flat();

function validated(document: { readonly kind: string }): void {
  const model = Object.entries(KINDS).find(([kind]) => kind === document.kind)?.[1];
  if (model === undefined) throw new Error(`there is no schema of ${document.kind}`);
  const instance = Object.assign(new model(), document);
  instance.validate();
}

type Workload = IDeployment | IStatefulSet;
const isWorkload = (each: { readonly kind: string }): each is Workload =>
  each.kind === "Deployment" || each.kind === "StatefulSet";
const workloads = documents.filter(isWorkload);
const nameOf = ({ metadata }: Workload): string => metadata?.name ?? "";
const podOf = ({ spec }: Workload) => spec?.template.spec ?? { containers: [] };
const containersOf = (workload: Workload) => {
  const { containers, initContainers = [] } = podOf(workload);
  return [...containers, ...initContainers];
};
const services = documents.filter((each): each is IService => each.kind === "Service");

test.each(Object.keys(MANIFESTS))("%s is what the Kubernetes API takes", (file) => {
  for (const document of MANIFESTS[file] ?? []) expect(() => validated(document)).not.toThrow();
});

test("what the API would refuse is refused", () => {
  const [worker] = workloads;
  expect(() =>
    validated({ ...worker, kind: "Deployment", spec: { ...worker?.spec, replicas: "two" } } as never),
  ).toThrow(/replicas|integer/);
  expect(() => validated({ kind: "Deployment", spec: {} } as never)).toThrow();
});

test("a pod is nobody's root, can write to its volumes alone, and is held to its memory", () => {
  for (const workload of workloads) {
    const name = nameOf(workload);
    const { automountServiceAccountToken, securityContext } = podOf(workload);
    expect([name, securityContext?.runAsNonRoot, automountServiceAccountToken]).toEqual([name, true, false]);
    expect(securityContext?.runAsUser).toBeGreaterThan(0);
    for (const { resources, securityContext: own } of containersOf(workload)) {
      expect([name, own?.allowPrivilegeEscalation, own?.capabilities]).toEqual([
        name,
        false,
        { drop: ["ALL"] },
      ]);
      expect([name, own?.readOnlyRootFilesystem]).toEqual([name, name !== "emqx"]);
      expect(resources?.limits?.memory).toBeDefined();
      expect(resources?.requests?.cpu).toBeDefined();
    }
  }
});

test("every container is asked whether it is ready, and workers whether they live", () => {
  for (const workload of workloads) {
    const isWorker = ["ingest", "rules"].includes(nameOf(workload));
    for (const { env = [], livenessProbe, name, ports = [], readinessProbe } of podOf(workload).containers) {
      expect([name, readinessProbe !== undefined]).toEqual([name, true]);
      if (!isWorker) continue;
      expect([readinessProbe?.httpGet?.path, livenessProbe?.httpGet?.path]).toEqual(["/readyz", "/livez"]);
      const port = Number(env.find((each) => each.name === "CAMPUS_OPS_PROBE_PORT")?.value);
      expect([readinessProbe?.httpGet?.port, livenessProbe?.httpGet?.port]).toEqual([port, port]);
      expect(ports.map(({ containerPort }) => containerPort)).toContain(port);
    }
  }
});

/** Variables that programs read, and why a container is not given one. */
const NOT_GIVEN: Readonly<Record<string, string>> = {
  CAMPUS_OPS_HTTP_PORT: "the console's port is 8080, as its container says",
  CAMPUS_OPS_MQTT_PORT: "the broker is another server, in hub.yaml",
  CAMPUS_OPS_COMPILE_ONLY: "of packages that are built",
  CAMPUS_OPS_SEED: "of a box",
  CAMPUS_OPS_MACHINE: "of a box",
  CAMPUS_OPS_SERVICE: "of systemd",
  CAMPUS_OPS_LOG_LEVEL: "info, until somebody looks for something",
};
const OF_WORKERS = ["CAMPUS_OPS_WORKER_HOST", "CAMPUS_OPS_PROBE_PORT"];

test("every variable that our programs read is given, or it is said why not", () => {
  const source = readFileSync(join(ROOT, "deploy/service/environment.ts"), "utf8");
  const read = new Set(source.match(/CAMPUS_OPS_[A-Z_]+/g));
  for (const workload of workloads.filter((each) => ["ingest", "rules", "console"].includes(nameOf(each)))) {
    const isWorker = nameOf(workload) !== "console";
    for (const { env = [], name } of podOf(workload).containers) {
      const given = env.map((each) => each.name).filter((each) => each.startsWith("CAMPUS_OPS_"));
      const needed = [...read].filter(
        (each) => !(each in NOT_GIVEN) && (isWorker || !OF_WORKERS.includes(each)),
      );
      expect([name, given.toSorted()]).toEqual([name, needed.toSorted()]);
    }
  }
});

test("every folder that a program of ours writes to is a volume of its pod", () => {
  for (const workload of workloads.filter((each) => ["ingest", "rules", "console"].includes(nameOf(each))))
    for (const { env = [], name, volumeMounts = [] } of podOf(workload).containers) {
      const folders = env
        .filter((each) => ["CAMPUS_OPS_DATA", "CAMPUS_OPS_RUN", "NODE_COMPILE_CACHE"].includes(each.name))
        .map((each) => each.value ?? "");
      const writable = volumeMounts.filter(({ readOnly }) => readOnly !== true);
      const mounted = writable.map(({ mountPath }) => mountPath);
      expect([name, mounted]).toEqual([name, expect.arrayContaining([...folders, "/tmp"])]);
    }
});

test("servers are given the files that their own configuration names", () => {
  for (const [server, file] of [
    ["emqx", "emqx.conf"],
    ["nats", "nats.conf"],
  ] as const) {
    const [workload] = workloads.filter((each) => nameOf(each) === server);
    const [container] = workload === undefined ? [] : podOf(workload).containers;
    const mounts = container?.volumeMounts ?? [];
    const lines = configurationFile(file).replaceAll(/^\s*#.*$/gm, "");
    const named = [...lines.matchAll(/["\s](\/[a-z][\w./-]+)/g)].map(([, path = ""]) => path);
    expect([server, named.length > 0]).toEqual([server, true]);
    for (const path of named)
      expect([
        server,
        path,
        mounts.some(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`)),
      ]).toEqual([server, path, true]);
    for (const path of named.filter((each) => each.startsWith("/secrets/")))
      expect(SECRETS[server]).toContain(path.slice("/secrets/".length));
  }
});

test("no secret is a value of the environment", () => {
  for (const { env = [], name } of workloads.flatMap(containersOf)) {
    const open = env.filter(
      (each) => /PASSWORD|SECRET|TOKEN/.test(each.name) && !each.name.endsWith("_FILE"),
    );
    expect([name, open]).toEqual([name, []]);
  }
});

test("what is mounted is there: volumes, and the files of ConfigMaps and Secrets that kustomize makes", () => {
  for (const workload of workloads) {
    const { volumes = [] } = podOf(workload);
    const claims =
      "volumeClaimTemplates" in (workload.spec ?? {}) ? (workload as IStatefulSet).spec : undefined;
    const claimed = (claims?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name);
    for (const { mountPath, name, subPath } of containersOf(workload).flatMap(
      (each) => each.volumeMounts ?? [],
    )) {
      const volume = volumes.find((each) => each.name === name);
      expect([nameOf(workload), mountPath, volume !== undefined || claimed.includes(name)]).toEqual([
        nameOf(workload),
        mountPath,
        true,
      ]);
      const secret = volume?.secret?.secretName;
      const source = secret ?? volume?.configMap?.name;
      if (source === undefined || source.startsWith("grafana-")) continue;
      const generated = (secret === undefined ? CONFIGURATIONS : SECRETS)[source];
      const items = volume?.secret?.items?.map(({ key }) => key) ?? [];
      const files = [...(subPath === undefined ? [] : [subPath]), ...items];
      expect([source, generated]).toEqual([source, expect.arrayContaining(files)]);
    }
  }
});

describe("the network", () => {
  const portsOf = (name: string): readonly (number | undefined)[] =>
    workloads
      .filter((each) => nameOf(each) === name)
      .flatMap(containersOf)
      .flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));

  test("has ways only between what there is, to ports that are listened on", () => {
    const names = workloads.map(nameOf);
    for (const { from, ports = [], to } of WAYS) {
      expect(names).toContain(to);
      if (from !== "world") expect(names).toEqual(expect.arrayContaining([...from]));
      expect([to, portsOf(to)]).toEqual([to, expect.arrayContaining([...ports])]);
    }
  });

  test("leads from ingest and rules to every server that hub.yaml names, through a service with that port", () => {
    const addresses = [...configurationFile("hub.yaml").matchAll(/\/\/(?:\w+@)?([a-z]+):(\d+)/g)].map(
      ([, host = "", port]) => [host, Number(port)] as const,
    );
    expect(addresses.map(([host]) => host).sort()).toEqual([
      "emqx",
      "nats",
      "postgres",
      "vminsert",
      "vmselect",
    ]);
    for (const [host, port] of addresses) {
      const service = services.find(({ metadata }) => metadata?.name === host);
      expect([host, service?.spec?.ports?.map((each) => each.port)]).toEqual([
        host,
        expect.arrayContaining([port]),
      ]);
      const way = WAYS.find(
        ({ from, ports, to }) => to === host && from.includes("ingest") && ports?.includes(port),
      );
      expect([host, port, way !== undefined]).toEqual([host, port, true]);
    }
  });

  test("shows the world the console, enrolment, Grafana and boxes' MQTT, which asks for certificates, and nothing else", () => {
    const open = WAYS.filter(({ from }) => from === "world").map(({ ports, to }) => [to, ports]);
    expect(open).toEqual([
      ["console", [8080, 8884]],
      ["emqx", [8883]],
      ["grafana", [3000]],
    ]);
    expect(configurationFile("emqx.conf")).toContain("fail_if_no_peer_cert = true");
  });
});

test("hub.yaml is what every process of the hub takes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kubernetes-"));
  try {
    mkdirSync(join(folder, "secrets"));
    for (const each of SECRETS.hub ?? [])
      writeFileSync(join(folder, "secrets", each), `${"s3cret".repeat(6)}\n`, { mode: 0o600 });
    const pki = join(folder, "pki");
    const authority = await Authority.create(pki, "a city", Date.now());
    await ensureServerCertificate(authority, pki, [OUTSIDE_NAME], Date.now());
    const text = configurationFile("hub.yaml");
    expect(text).toContain(`names: [${OUTSIDE_NAME}]`);
    writeFileSync(join(folder, "hub.yaml"), text.replaceAll(`${DATA}/pki`, pki));
    checkConfiguration(join(folder, "hub.yaml"));
    const named = [...configurationFile("hub.yaml").matchAll(/secrets\/(\w+)/g)].map(([, name]) => name);
    expect([...named, "administrator"].sort()).toEqual([...(SECRETS.hub ?? [])].sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("EMQX lets boxes and ingest do what Mosquitto does in its place", () => {
  const rules = [
    ...configurationFile("acl.conf").matchAll(/\{allow, (.*?), (publish|subscribe), \[(.*?)\]\}/gs),
  ];
  const said = (who: string): readonly string[] =>
    rules
      .filter(([, user]) => user === who)
      .flatMap(([, , what, topics = ""]) =>
        [...topics.matchAll(/"([^"]+)"/g)].map(
          ([, topic = ""]) => `${what === "publish" ? "write" : "read"} ${topic}`,
        ),
      );
  const mosquitto = (text: string): readonly string[] =>
    [...text.matchAll(/^topic (.*)$/gm)].map(([, topic = ""]) => topic);
  const campus = `\${client_attrs.campus}`;
  const node = `\${client_attrs.node}`;
  const box = said("all").map((each) => each.replace(campus, "no1").replace(node, "box-1"));
  const identity = { role: "edge", campus: "no1", node: "box-1" } as Parameters<typeof boxAccess>[0][number];
  expect(box.toSorted()).toEqual(mosquitto(boxAccess([identity])).toSorted());
  expect(said('{username, "ingest"}').toSorted()).toEqual(mosquitto(hubAccess("ingest")).toSorted());
});

test("Grafana is given every dashboard that is generated", () => {
  const tree = join(ROOT, "dashboards/grafana/provisioning/victoria-metrics");
  const { configMapGenerator } = parse(readFileSync(join(tree, "kustomization.yaml"), "utf8")) as {
    readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  };
  const given = configMapGenerator.flatMap(({ files }) => files);
  const there = readdirSync(tree, { recursive: true, encoding: "utf8" });
  const files = there.filter((each) => /\.(json|yaml)$/.test(each) && each !== "kustomization.yaml");
  expect(given.toSorted()).toEqual(files.toSorted());
});

test("the files are what YAML reads back", () => {
  for (const [path, text] of kubernetesFiles()) {
    const count = text.split(/^---$/m).length;
    const read = text.split(/^---$/m).map((each) => parse(each) as { readonly kind?: string });
    expect([path, read.filter(({ kind }) => kind !== undefined).length]).toEqual([path, count]);
  }
});
