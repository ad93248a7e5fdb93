/**
 * The private control of the simulated devices (`$CAMPUS_OPS_RUN/simulators.sock`), for tests, benchmarks and curious
 * people. It moves the physical world only: what the platform makes of it comes over the devices' own protocols.
 *
 *   GET  /devices                                             → [{ key, profile, url, dependsOn?, fault }]
 *   GET  /devices/:campus/:node/:device/points/:metric        → { value }
 *   PUT  /devices/:campus/:node/:device/points/:metric  { value }
 *   POST /devices/:campus/:node/:device/events/:event   { field: value … }
 *   PUT  /devices/:campus/:node/:device/fault           { fault: "down" | "hang" | "garbage" | null }
 *   GET  /scenario                                            → { running, position_ms, length_ms }
 *   POST /scenario                                      { running: boolean }
 *
 * Metric and event names hold slashes and are written as they are.
 */
import { SIMULATED_FAULTS, type SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { SampleValue } from "@campus-ops/device-profiles/vocabulary";
import fastify, { type FastifyInstance } from "fastify";
import type { Clockwork } from "./clockwork.ts";
import { NotInTheWorldError, type World } from "./world.ts";

const DEVICE = "/devices/:campus/:node/:device";

interface DeviceParams {
  readonly campus: string;
  readonly node: string;
  readonly device: string;
  /** The rest of the path: a metric's or an event's name. */
  readonly "*": string;
}

const keyOf = ({ campus, node, device }: DeviceParams): string => `${campus}/${node}/${device}`;

const VALUE = { type: ["string", "number", "boolean", "null"] } as const;

const bodyWith = (name: string, schema: object): object => ({
  body: { type: "object", required: [name], additionalProperties: false, properties: { [name]: schema } },
});

export function controlServer(world: World, scenario: Clockwork, length_ms: number): FastifyInstance {
  // Values keep the type they were sent with: "1" is not 1.
  const server = fastify({ ajv: { customOptions: { coerceTypes: false, allowUnionTypes: true } } });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error instanceof NotInTheWorldError ? 404 : (error.statusCode ?? 500);
    return reply.status(status).send({ title: error.name, status, detail: error.message });
  });

  server.get("/devices", async () => world.list());
  server.get<{ Params: DeviceParams }>(`${DEVICE}/points/*`, async ({ params }) => {
    const value = world.get(keyOf(params), params["*"]);
    return { value: typeof value === "bigint" ? value.toString() : value };
  });
  server.put<{ Params: DeviceParams; Body: { value: SampleValue } }>(
    `${DEVICE}/points/*`,
    { schema: bodyWith("value", VALUE) },
    async ({ params, body }, reply) => {
      await world.apply({ do: "set", device: keyOf(params), metric: params["*"], value: body.value });
      return reply.status(204).send();
    },
  );
  server.post<{ Params: DeviceParams; Body: Record<string, SampleValue> }>(
    `${DEVICE}/events/*`,
    { schema: { body: { type: "object", additionalProperties: VALUE } } },
    async ({ params, body }, reply) => {
      await world.apply({ do: "raise", device: keyOf(params), event: params["*"], fields: body });
      return reply.status(204).send();
    },
  );
  server.put<{ Params: DeviceParams; Body: { fault: SimulatedFault | null } }>(
    `${DEVICE}/fault`,
    { schema: bodyWith("fault", { enum: [...Object.keys(SIMULATED_FAULTS), null] }) },
    async ({ params, body }, reply) => {
      await world.apply({ do: "fault", device: keyOf(params), fault: body.fault });
      return reply.status(204).send();
    },
  );

  const state = () => ({ running: scenario.running, position_ms: scenario.position_ms, length_ms });
  server.get("/scenario", async () => state());
  server.post<{ Body: { running: boolean } }>(
    "/scenario",
    { schema: bodyWith("running", { type: "boolean" }) },
    async ({ body }) => {
      if (body.running) scenario.start();
      else scenario.stop();
      return state();
    },
  );
  return server;
}
