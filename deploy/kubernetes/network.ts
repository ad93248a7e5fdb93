/** Who may speak to whom. What is not said here is refused, also to the world outside. */
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import type { INetworkPolicyPort } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicyPort";
import { NAMESPACE, select } from "./parts.ts";

interface Way {
  readonly to: string;
  /** Workloads; `world` is everybody outside of the cluster too. */
  readonly from: readonly string[] | "world";
  /** All where none is named: workers listen on what the system gives them. */
  readonly ports?: readonly number[];
}

const VICTORIA = ["vminsert", "vmselect"];

export const WAYS: readonly Way[] = [
  { to: "console", from: "world", ports: [8080, 8884] },
  { to: "emqx", from: "world", ports: [8883] },
  { to: "grafana", from: "world", ports: [3000] },
  { to: "ingest", from: ["ingest", "rules", "console"] },
  { to: "rules", from: ["rules", "console"] },
  { to: "emqx", from: ["ingest"], ports: [1883] },
  { to: "emqx", from: ["emqx"], ports: [4370, 5370] },
  { to: "nats", from: ["ingest", "rules"], ports: [4222] },
  { to: "nats", from: ["nats"], ports: [6222] },
  { to: "postgres", from: ["ingest", "rules", "console"], ports: [5432] },
  { to: "vminsert", from: ["ingest"], ports: [8480] },
  { to: "vmselect", from: ["ingest", "grafana"], ports: [8481] },
  { to: "vmstorage", from: VICTORIA, ports: [8400, 8401] },
];

/** Those that tell people, other systems and bureaus outside: mail, webhooks, sign-in at somebody else's. */
const OUTWARD = ["console", "rules"];

const metadata = (name: string) => ({ name, namespace: NAMESPACE });
const tcp = (port: number): INetworkPolicyPort => ({ protocol: "TCP", port });
const through = (numbers: readonly number[] | undefined): { ports?: INetworkPolicyPort[] } =>
  numbers === undefined ? {} : { ports: numbers.map(tcp) };

const nobody: INetworkPolicy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: metadata("nobody-unless-said"),
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
};

const names: INetworkPolicy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: metadata("names"),
  spec: {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [{ ports: [tcp(53), { protocol: "UDP", port: 53 }] }],
  },
};

/** Both ends of a way have to allow it. */
function policiesOf(way: Way, at: number): readonly INetworkPolicy[] {
  const { from, to } = way;
  const into: INetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(`${to}-${at}`),
    spec: {
      podSelector: select(to),
      policyTypes: ["Ingress"],
      ingress: [
        {
          ...(from === "world" ? {} : { from: from.map((each) => ({ podSelector: select(each) })) }),
          ...through(way.ports),
        },
      ],
    },
  };
  if (from === "world") return [into];
  const out = from.map(
    (each): INetworkPolicy => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: metadata(`${each}-to-${to}-${at}`),
      spec: {
        podSelector: select(each),
        policyTypes: ["Egress"],
        egress: [{ to: [{ podSelector: select(to) }], ...through(way.ports) }],
      },
    }),
  );
  return [into, ...out];
}

const outward = OUTWARD.map(
  (each): INetworkPolicy => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(`${each}-outward`),
    spec: {
      podSelector: select(each),
      policyTypes: ["Egress"],
      egress: [{ ports: [25, 443, 465, 587].map(tcp) }],
    },
  }),
);

export const POLICIES: readonly INetworkPolicy[] = [nobody, names, ...WAYS.flatMap(policiesOf), ...outward];
