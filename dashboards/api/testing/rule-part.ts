/** A stand-in for the rules' part about rules, packs, back-tests and suppressions. */
import type {
  BackTestView,
  OwnPackDetail,
  RuleDetailView,
  RuleView,
  SuppressionView,
} from "@campus-ops/rules/api";
import type { FastifyInstance, FastifyRequest } from "fastify";

const title = (text: string) => ({ zh: text, en: text });

const RULE: RuleView = {
  id: "door-held-open",
  version: 1,
  title: title("held open"),
  priority: 3,
  pack: "night",
  card: { cause: title("a"), consequence: title("b"), action: title("c") },
  classes: ["access-gate"],
  latching: false,
};

const RULE_DETAIL: RuleDetailView = {
  ...RULE,
  within: ["990100/990102/first"],
  exceptClasses: [],
  capabilities: ["Door"],
  schedule: { inside: false, windows: ["closed"] },
  onDelay_ms: 60_000,
  offDelay_ms: 0,
  respondWithin_ms: 600_000,
  cause: false,
  symptom: false,
  source: { file: "night.yaml", line: 4, text: "- id: door-held-open" },
  own: "night",
};

const PACK: OwnPackDetail = { name: "night", text: "pack: night", versions: [{ at: 1, by: "leader" }] };

const OCCURRENCE = {
  alarm: "a1",
  rule: "door-held-open",
  device: "first/box/gate",
  deviceTitle: title("gate"),
  priority: 3 as const,
  raisedAt: 1,
  suppressed: false,
  explanation: title("open"),
};

const BACK_TEST: BackTestView = {
  id: "b1",
  by: "leader",
  rules: ["door-held-open"],
  state: "done",
  startedAt: 1,
  endedAt: 2,
  progress: { entries: 1, samples: 2, total: 1, upTo: 2 },
  difference: {
    before: 1,
    after: 1,
    same: 0,
    new: { count: 1, first: [OCCURRENCE] },
    gone: { count: 0, first: [] },
    changed: { count: 1, first: [{ before: OCCURRENCE, after: { ...OCCURRENCE, returnedAt: 3 } }] },
    cut: false,
  },
};

const SUPPRESSION: SuppressionView = {
  id: "s1",
  path: "990100/990102/first",
  rules: ["door-held-open"],
  from: 1,
  until: 2,
  by: "leader",
  reason: "sports day",
};

export function rulePart(
  server: FastifyInstance,
  received: { readonly path: string; readonly body: unknown }[],
): void {
  const took = ({ url, body }: FastifyRequest): void => void received.push({ path: url, body });
  server.get("/rules", () => [RULE]);
  server.get("/rules/door-held-open", () => RULE_DETAIL);
  server.get("/packs", () => ({
    folder: "/data/rule-packs",
    loadedAt: 1,
    packs: [{ pack: "night", rules: 1 }],
    problems: [],
  }));
  server.get("/packs/own", () => [{ name: "night", changedAt: 1, editable: true }]);
  server.get("/packs/own/night", () => PACK);
  server.get("/packs/own/night/versions/1", () => ({ text: "pack: night" }));
  server.put("/packs/own/night", (request, reply) => {
    took(request);
    return (request.body as { text: string }).text === "wrong"
      ? reply.code(400).send({ detail: "line 1: pack: missing" })
      : PACK;
  });
  server.delete("/packs/own/night", (request, reply) => {
    took(request);
    return reply.code(204).send();
  });
  server.post("/packs/own/night/check", () => [{ line: 1, field: "pack", zh: "缺少", en: "missing" }]);
  server.get("/back-tests", () => [BACK_TEST]);
  server.get("/back-tests/b1", () => BACK_TEST);
  server.post("/back-tests", (request, reply) => {
    took(request);
    return reply.code(202).send(BACK_TEST);
  });
  server.delete("/back-tests/b1", (request) => {
    took(request);
    return BACK_TEST;
  });
  server.get("/suppressions", () => [SUPPRESSION, { ...SUPPRESSION, id: "s2", path: "990100/990121/third" }]);
  server.post("/suppressions", (request) => {
    took(request);
    return SUPPRESSION;
  });
  server.delete("/suppressions/:id", (request, reply) => {
    took(request);
    return reply.code(204).send();
  });
}
