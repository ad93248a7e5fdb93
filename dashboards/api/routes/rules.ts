/** The rules: as they are written, the hub's own packs, and trying a changed pack on the past. */
import type { FastifyInstance } from "fastify";
import type {
  BackTestBody,
  BackTestView,
  OwnPackDetail,
  OwnPackView,
  PackProblem,
  PacksView,
  RuleDetailView,
  RuleView,
} from "../api.ts";
import { DONE } from "../contents.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { array, boolean, idParams, number, object, string, text, timestamp } from "../schemas.ts";
import { deleteJson, getJson, postJson, putJson } from "../upstream.ts";

const PACK_CHARACTERS_MAX = 400_000;
/** JSON of such a text, in which every character may be an escape. */
const PACK_BYTES_MAX = 2_000_000;

const ruleView = {
  id: string,
  version: number,
  title: text,
  priority: number,
  pack: string,
  card: object({ cause: text, consequence: text, action: text }),
  classes: array(string),
  latching: boolean,
} as const;
const ruleDetail = object(
  {
    ...ruleView,
    within: array(string),
    exceptClasses: array(string),
    capabilities: array(string),
    schedule: object({ inside: boolean, windows: array(string) }),
    onDelay_ms: number,
    offDelay_ms: number,
    respondWithin_ms: number,
    cause: boolean,
    symptom: boolean,
    source: object({ file: string, line: number, text: string }),
    own: string,
  },
  ["schedule", "source", "own"],
);
const packsView = object({
  folder: string,
  loadedAt: timestamp,
  packs: array(object({ pack: string, rules: number })),
  problems: array(text),
});
const ownPack = object({
  name: string,
  text: string,
  versions: array(object({ at: timestamp, by: string })),
});
const occurrence = object(
  {
    alarm: string,
    rule: string,
    device: string,
    deviceTitle: text,
    instance: string,
    priority: number,
    raisedAt: timestamp,
    returnedAt: timestamp,
    suppressed: boolean,
    explanation: text,
  },
  ["instance", "returnedAt"],
);
const state = { enum: ["running", "done", "cancelled", "failed"] } as const;
const listed = <T>(each: T) => object({ count: number, first: array(each) });
const backTest = object(
  {
    id: string,
    by: string,
    rules: array(string),
    state,
    startedAt: timestamp,
    endedAt: timestamp,
    progress: object({ entries: number, samples: number, total: number, upTo: timestamp }),
    difference: object({
      before: number,
      after: number,
      same: number,
      new: listed(occurrence),
      gone: listed(occurrence),
      changed: listed(object({ before: occurrence, after: occurrence })),
      cut: boolean,
    }),
    detail: string,
  },
  ["endedAt", "progress", "difference", "detail"],
);

const name = { type: "string", minLength: 1, maxLength: 100 } as const;
const priority = { type: "integer", minimum: 1, maximum: 4 } as const;
const packText = { type: "string", minLength: 1, maxLength: PACK_CHARACTERS_MAX } as const;
const named = object({ name });
const versionParams = object({ name, at: { type: "integer", minimum: 0 } });
const of = (pack: string): string => `/packs/own/${encodeURIComponent(pack)}`;
const tagged = <T extends object>(schema: T) => ({ tags: ["rules"], ...schema });
const reads = { permission: "rules.read" } as const;
const writes = { permission: "rules.write" } as const;

interface Named {
  readonly Params: { readonly name: string };
}
interface Written extends Named {
  readonly Body: { readonly text: string };
}

export function ruleRoutes(server: FastifyInstance, { upstreams, audit }: ApiParts): void {
  const { rules } = upstreams;

  server.get(
    "/rules",
    {
      config: {
        ...reads,
        paged: { by: ["id"], filters: { pack: string, priority, classes: string, latching: boolean } },
      },
      schema: tagged({ response: { 200: array(object(ruleView)) } }),
    },
    (): Promise<readonly RuleView[]> => getJson(rules, "/rules"),
  );
  server.get<{ Params: { id: string } }>(
    "/rules/:id",
    { config: reads, schema: tagged({ params: idParams, response: { 200: ruleDetail } }) },
    ({ params }): Promise<RuleDetailView> => getJson(rules, `/rules/${encodeURIComponent(params.id)}`),
  );

  server.get(
    "/rule-packs",
    { config: reads, schema: tagged({ response: { 200: packsView } }) },
    (): Promise<PacksView> => getJson(rules, "/packs"),
  );
  server.get(
    "/rule-packs/own",
    {
      config: { ...reads, paged: { by: ["name"] } },
      schema: tagged({
        response: { 200: array(object({ name: string, changedAt: timestamp, editable: boolean })) },
      }),
    },
    (): Promise<readonly OwnPackView[]> => getJson(rules, "/packs/own"),
  );
  server.get<Named>(
    "/rule-packs/own/:name",
    { config: reads, schema: tagged({ params: named, response: { 200: ownPack } }) },
    ({ params }): Promise<OwnPackDetail> => getJson(rules, of(params.name)),
  );
  server.get<{ Params: { name: string; at: number } }>(
    "/rule-packs/own/:name/versions/:at",
    {
      config: reads,
      schema: tagged({ params: versionParams, response: { 200: object({ text: string }) } }),
    },
    ({ params }): Promise<{ readonly text: string }> =>
      getJson(rules, `${of(params.name)}/versions/${params.at}`),
  );

  // Rules are in force on every campus of the hub: they are changed by those who answer for all of it.
  server.put<Written>(
    "/rule-packs/own/:name",
    {
      config: writes,
      bodyLimit: PACK_BYTES_MAX,
      schema: tagged({ params: named, body: object({ text: packText }), response: { 200: ownPack } }),
    },
    async (request): Promise<OwnPackDetail> => {
      demandWholeHub(request.identity);
      const { user } = request.identity;
      const { name: pack } = request.params;
      await putJson(rules, of(pack), { text: request.body.text, by: user });
      audit({ user, action: "rules.pack.write", pack });
      return getJson(rules, of(pack));
    },
  );
  server.delete<Named>(
    "/rule-packs/own/:name",
    { config: writes, schema: tagged({ params: named, response: DONE }) },
    async (request, reply) => {
      demandWholeHub(request.identity);
      const { name: pack } = request.params;
      await deleteJson(rules, of(pack), {});
      audit({ user: request.identity.user, action: "rules.pack.remove", pack });
      return reply.code(204).send();
    },
  );
  server.post<Written>(
    "/rule-packs/own/:name/check",
    {
      config: writes,
      bodyLimit: PACK_BYTES_MAX,
      schema: tagged({
        params: named,
        body: object({ text: packText }),
        response: { 200: array(object({ line: number, field: string, zh: string, en: string })) },
      }),
    },
    ({ params, body }): Promise<readonly PackProblem[]> =>
      postJson(rules, `${of(params.name)}/check`, { text: body.text }),
  );

  server.get(
    "/back-tests",
    {
      config: {
        ...writes,
        paged: { by: ["startedAt", "id"], newestFirst: true, filters: { state, by: string } },
      },
      schema: tagged({ response: { 200: array(backTest) } }),
    },
    (request): Promise<readonly BackTestView[]> => {
      demandWholeHub(request.identity);
      return getJson(rules, "/back-tests");
    },
  );
  server.post<{ Body: BackTestBody }>(
    "/back-tests",
    {
      config: writes,
      bodyLimit: PACK_BYTES_MAX,
      schema: tagged({
        body: object({ pack: packText, from: timestamp, to: timestamp }, ["from", "to"]),
        response: { 202: backTest },
      }),
    },
    async (request, reply) => {
      demandWholeHub(request.identity);
      const { user } = request.identity;
      const test = await postJson<BackTestView>(rules, "/back-tests", { ...request.body, by: user });
      audit({ user, action: "rules.back-test", backTest: test.id, rules: test.rules });
      return reply.code(202).send(test);
    },
  );
  server.get<{ Params: { id: string } }>(
    "/back-tests/:id",
    { config: writes, schema: tagged({ params: idParams, response: { 200: backTest } }) },
    (request): Promise<BackTestView> => {
      demandWholeHub(request.identity);
      return getJson(rules, `/back-tests/${encodeURIComponent(request.params.id)}`);
    },
  );
  server.delete<{ Params: { id: string } }>(
    "/back-tests/:id",
    { config: writes, schema: tagged({ params: idParams, response: DONE }) },
    async (request, reply) => {
      demandWholeHub(request.identity);
      const { id } = request.params;
      await deleteJson(rules, `/back-tests/${encodeURIComponent(id)}`, {});
      audit({ user: request.identity.user, action: "rules.back-test.cancel", backTest: id });
      return reply.code(204).send();
    },
  );
}
