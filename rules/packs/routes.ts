/**
 *   GET    /rules/:id                        → RuleDetailView; 404
 *   GET    /packs                            → PacksView
 *   POST   /packs/reload                     → PacksView; 409 with file, line and field, and nothing has changed
 *   GET    /packs/own                        → OwnPackView[]
 *   GET    /packs/own/:name                  → OwnPackDetail
 *   PUT    /packs/own/:name {text, by}       → OwnPackDetail; 400 with what is wrong by line, and nothing has changed
 *   DELETE /packs/own/:name                  → 204; its versions stay
 *   POST   /packs/own/:name/check {text}     → PackProblem[]
 *   GET    /packs/own/:name/versions/:at     → {text}
 */
import { basename } from "node:path";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { OwnPackDetail, OwnPackView, PackProblem, PacksView, RuleDetailView, RuleView } from "../api.ts";
import type { Rule } from "../core/rule.ts";
import type { LivePacks } from "./live-packs.ts";
import { type OwnPacks, PACK_CHARACTERS_MAX } from "./own-packs.ts";
import { sourceOf } from "./source.ts";

const PACK_BYTES_MAX = 2_000_000;

const nameParams = {
  type: "object",
  properties: { name: { type: "string", minLength: 1, maxLength: 200 } },
} as const;
const text = { type: "string", minLength: 1, maxLength: PACK_CHARACTERS_MAX } as const;
const body = (required: readonly string[]): object => ({
  type: "object",
  required,
  additionalProperties: false,
  properties: { text, by: { type: "string", minLength: 1, maxLength: 128 } },
});

export function packRoutes(server: FastifyInstance, packs: LivePacks, own: OwnPacks): void {
  server.get("/rules", (): readonly RuleView[] => packs.rules.map(ruleView));

  server.get<{ Params: { id: string } }>("/rules/:id", ({ params }): RuleDetailView => {
    const rule = packs.rules.find(({ id }) => id === params.id);
    if (rule === undefined)
      throw new Problem(
        404,
        "No such rule",
        `no rule in force is called ${params.id}`,
        `没有生效的规则 ${params.id}`,
      );
    const source = sourceOf(rule.id, packs.files);
    const { selector, schedule, onDelay_ms, offDelay_ms, respondWithin_ms, cause, symptom } = rule;
    const { within = [], capabilities = [], exceptClasses = [] } = selector;
    return {
      ...ruleView(rule),
      within,
      capabilities,
      exceptClasses,
      ...(schedule === undefined ? {} : { schedule }),
      onDelay_ms,
      offDelay_ms,
      respondWithin_ms,
      cause,
      symptom,
      ...(source === undefined
        ? {}
        : { source: { file: basename(source.file), line: source.line, text: source.text } }),
      ...(source === undefined || !source.file.startsWith(packs.folder)
        ? {}
        : { own: basename(source.file, ".yaml") }),
    };
  });

  server.get("/packs", (): PacksView => packs.view());
  server.post("/packs/reload", (): PacksView => {
    const problems = packs.reload();
    if (problems.length > 0) {
      const why = (language: "zh" | "en"): string => problems.map((each) => each[language]).join("\n");
      throw new Problem(
        409,
        "A rule pack is wrong",
        why("en"),
        `规则包有误，仍按原来的规则运行：\n${why("zh")}`,
      );
    }
    return packs.view();
  });

  server.get("/packs/own", (): readonly OwnPackView[] => own.list());
  server.get<{ Params: { name: string } }>(
    "/packs/own/:name",
    { schema: { params: nameParams } },
    ({ params }): OwnPackDetail => own.get(params.name),
  );
  server.put<{ Params: { name: string }; Body: { text: string; by: string } }>(
    "/packs/own/:name",
    { bodyLimit: PACK_BYTES_MAX, schema: { params: nameParams, body: body(["text", "by"]) } },
    ({ params, body: { text: written, by } }): OwnPackDetail => own.write(params.name, written, by),
  );
  server.delete<{ Params: { name: string } }>(
    "/packs/own/:name",
    { schema: { params: nameParams } },
    ({ params }, reply) => {
      own.remove(params.name);
      return reply.code(204).send();
    },
  );
  server.post<{ Params: { name: string }; Body: { text: string } }>(
    "/packs/own/:name/check",
    { bodyLimit: PACK_BYTES_MAX, schema: { params: nameParams, body: body(["text"]) } },
    ({ params, body: { text: written } }): readonly PackProblem[] => own.check(params.name, written),
  );
  server.get<{ Params: { name: string; at: number } }>(
    "/packs/own/:name/versions/:at",
    {
      schema: {
        params: {
          type: "object",
          properties: { ...nameParams.properties, at: { type: "integer", minimum: 0 } },
        },
      },
    },
    ({ params: { name, at } }) => ({ text: own.version(name, at) }),
  );
}

function ruleView({ id, version, title, priority, pack, card, selector, latching }: Rule): RuleView {
  return { id, version, title, priority, pack, card, classes: selector.classes ?? [], latching };
}
