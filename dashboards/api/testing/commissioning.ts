/** What ingest tells of an edge box that lets itself be searched from. */
import type { EventView, NodeView } from "@campus-ops/ingest/api";
import type { FastifyInstance } from "fastify";

const told = (name: string, value: string) => ({
  name: `Discovery/${name}`,
  value,
  quality: { status: "good" } as const,
  eventTime: 1,
  receivedAt: 2,
});

export const BOX: NodeView = {
  key: "first/box",
  campus: "first",
  node: "box",
  title: { zh: "盒", en: "box" },
  online: true,
  since: 1,
  metrics: [told("Ranges", "10.1.0.0/24"), told("Protocols", "modbus,snmp"), told("Logins", "cameras")],
  samples: { expected: 0, received: 0, lost: 0 },
};

const EVENTS: Readonly<Record<string, EventView["fields"]>> = {
  "Discovery/Progress": { search: "s1", state: "done", asked: 254, of: 254, found: 1, detail: "" },
  "Discovery/Found": {
    search: "s1",
    protocol: "modbus",
    address: "10.1.0.5",
    url: "modbus://10.1.0.5:502?unit=1",
    facts: '{"vendor":"ACME"}',
    matches: '[{"profile":"meter/x","confidence":0.9,"why":{"zh":"甲","en":"a"}}]',
    device: "gate",
  },
};

export function answerCommissioning(server: FastifyInstance): void {
  server.get("/nodes", () => [BOX]);
  server.get<{ Querystring: { event: string } }>("/events", ({ query: { event } }): readonly EventView[] => {
    const fields = EVENTS[event];
    return fields === undefined
      ? []
      : [{ asset: BOX.key, event, id: event, eventTime: 5, receivedAt: 6, fields }];
  });
}
