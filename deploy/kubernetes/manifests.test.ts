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

test("every container is asked whether it is ready, but for workers, which have nobody to ask", () => {
  for (const workload of workloads) {
    const isWorker = ["ingest", "rules"].includes(nameOf(workload));
    for (const { name, readinessProbe } of podOf(workload).containers)
      expect([name, readinessProbe !== undefined]).toEqual([name, !isWorker]);
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
