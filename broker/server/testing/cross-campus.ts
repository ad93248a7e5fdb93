/**
 * Every pair of edge nodes tries what belongs to the other: each topic of each by each. For any MQTT server, seen from its
 * clients alone, because servers refuse in different ways: by closing the connection, in SUBACK, or by delivering nothing.
 */
import type { MqttClient } from "mqtt";

export interface EdgeName {
  readonly campus: string;
  readonly node: string;
}

/** Alike where a careless comparison would take one for the other. */
export const CROSS_CAMPUS_EDGES: readonly EdgeName[] = [
  { campus: "qiyun", node: "box-1" },
  { campus: "qiyun", node: "box-10" },
  { campus: "qiyun-no1", node: "box-1" },
  { campus: "yun", node: "box-1" },
];

export interface Server {
  /** A new connection of an edge node; it does not connect again by itself. */
  edge(name: EdgeName): Promise<MqttClient>;
  /** A client that may hear everything of Sparkplug, and command everybody. */
  host(): Promise<MqttClient>;
}

const REPORTS = ["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"];
const COMMANDS = ["NCMD", "DCMD"];

const topicOf = ({ campus, node }: EdgeName, type: string): string =>
  `spBv1.0/${campus}/${type}/${node}${type.startsWith("D") ? "/gate-1" : ""}`;

export interface CrossCampusResult {
  /** `campus/node: topic` of every message that came through to the host, sorted. */
  readonly published: readonly string[];
  /** `campus/node: topic` of every command that an edge node was handed, sorted. */
  readonly heard: readonly string[];
  /** What should have come through, in the same form. */
  readonly own: { readonly published: readonly string[]; readonly heard: readonly string[] };
  readonly attempts: number;
}

export async function crossCampus(server: Server, edges = CROSS_CAMPUS_EDGES): Promise<CrossCampusResult> {
  const label = ({ campus, node }: EdgeName): string => `${campus}/${node}`;
  const host = await server.host();
  const published: string[] = [];
  const ended = new Set<string>();
  const allEnded = Promise.withResolvers<void>();
  host.on("message", (topic, payload) => {
    const [who = "", said] = payload.toString().split(": ");
    if (said !== "end") published.push(`${who}: ${topic}`);
    else if (ended.add(who).size === edges.length) allEnded.resolve();
  });
  await host.subscribeAsync("spBv1.0/#", { qos: 1 });

  let attempts = 0;
  await Promise.all(
    edges.map(async (edge) => {
      let client = await server.edge(edge);
      for (const owner of edges) {
        for (const type of [...REPORTS, ...COMMANDS]) {
          attempts += 1;
          await attempt(client, topicOf(owner, type), `${label(edge)}: try`);
          if (!client.connected) client = await server.edge(edge);
        }
      }
      await client.publishAsync(topicOf(edge, "NDATA"), `${label(edge)}: end`, { qos: 1 });
      await client.endAsync();
    }),
  );
  await allEnded.promise;
  const reached = [...published].sort();

  const heard: string[] = [];
  const listening = await Promise.all(
    edges.map(async (edge) => {
      const client = await server.edge(edge);
      const end = new Promise<void>((resolve) => {
        client.on("message", (topic, payload) => {
          if (payload.toString() === "end") resolve();
          else if (!topic.includes("/STATE/")) heard.push(`${label(edge)}: ${topic}`);
        });
      });
      const filters = edges.flatMap(({ campus, node }) => [
        `spBv1.0/${campus}/NCMD/${node}`,
        `spBv1.0/${campus}/DCMD/${node}/+`,
        `spBv1.0/${campus}/NDATA/+`,
      ]);
      for (const filter of [...filters, "spBv1.0/+/NCMD/+", "spBv1.0/#", "#"]) {
        await client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined);
      }
      return { edge, client, end };
    }),
  );
  for (const { client, edge } of listening) {
    await client.publishAsync(topicOf(edge, "NDATA"), "data", { qos: 1 });
    for (const type of COMMANDS) await host.publishAsync(topicOf(edge, type), "command", { qos: 1 });
  }
  for (const { edge } of listening) await host.publishAsync(topicOf(edge, "NCMD"), "end", { qos: 1 });
  await Promise.all(listening.map(({ end }) => end));
  await Promise.all(listening.map(({ client }) => client.endAsync()));
  await host.endAsync();
  const own = (types: readonly string[]): readonly string[] =>
    edges.flatMap((edge) => types.map((type) => `${label(edge)}: ${topicOf(edge, type)}`)).sort();
  return {
    published: reached,
    heard: [...new Set(heard)].sort(),
    own: { published: own(REPORTS), heard: own(COMMANDS) },
    attempts,
  };
}

/** Resolves when the server has said yes, or has closed the connection. */
function attempt(client: MqttClient, topic: string, payload: string): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      client.off("close", done);
      resolve();
    };
    client.once("close", done);
    client.publish(topic, payload, { qos: 1 }, done);
  });
}
