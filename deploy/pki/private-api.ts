/** Enrolment's private HTTP, for the API: `dashboards/enrolment/api.ts` beside health and metrics. */
import type { BoxDecision, BoxList, NewBoxes, NewSignature } from "@campus-ops/dashboards/enrolment";
import { answerWithProblems, type Log, OperatorError, Problem, type Registry } from "@campus-ops/service";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import { BOXES_ASKED_MAX, type Boxes } from "./boxes.ts";
import { REQUEST_CHARACTERS_MAX } from "./certificate-request.ts";

const BODY_BYTES_MAX = 128 * 1024;

const by = { type: "string", minLength: 1, maxLength: 128 } as const;
const why = { type: "string", maxLength: 400 } as const;
const words = { type: "string", minLength: 1, maxLength: 80 } as const;
const title = {
  type: "object",
  additionalProperties: false,
  required: ["zh", "en"],
  properties: { zh: words, en: words },
} as const;
const replaces = { type: "boolean" } as const;
const decision = {
  type: "object",
  additionalProperties: false,
  required: ["by"],
  properties: { by, why },
} as const;

interface OfBox {
  readonly campus: string;
  readonly node: string;
}

export function privateApi(
  boxes: Boxes,
  {
    health,
    log,
    registry,
  }: { readonly health: () => object; readonly log: Log; readonly registry: Registry },
): FastifyInstance {
  const logger: FastifyBaseLogger = log;
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
  });
  answerWithProblems(server, "enrolment");
  server.get("/healthz", () => health());
  server.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );

  server.get("/boxes", (): BoxList => boxes.list());

  server.post<{ Body: NewBoxes }>(
    "/boxes/tokens",
    {
      schema: {
        body: {
          type: "object",
          additionalProperties: false,
          required: ["by", "boxes"],
          properties: {
            by,
            boxes: {
              type: "array",
              minItems: 1,
              maxItems: BOXES_ASKED_MAX,
              items: {
                type: "object",
                additionalProperties: false,
                required: ["campus", "node"],
                properties: { campus: words, node: words, title, replaces },
              },
            },
          },
        },
      },
    },
    ({ body }) => told(() => boxes.issue(body)),
  );

  const decide = (name: string, act: (campus: string, node: string, body: BoxDecision) => void): void => {
    server.post<{ Params: OfBox; Body: BoxDecision }>(
      `/boxes/:campus/:node/${name}`,
      { schema: { body: decision } },
      async ({ body, params: { campus, node } }, reply) => {
        told(() => act(campus, node, body));
        return reply.code(204).send();
      },
    );
  };
  decide("approval", (campus, node, body) => boxes.approve(campus, node, body));
  decide("revocation", (campus, node, body) => boxes.revoke(campus, node, body));
  decide("release", (campus, node, body) => boxes.release(campus, node, body));

  server.post<{ Params: OfBox; Body: NewSignature }>(
    "/boxes/:campus/:node/signature",
    {
      schema: {
        body: {
          type: "object",
          additionalProperties: false,
          required: ["by", "request"],
          properties: {
            by,
            why,
            request: { type: "string", minLength: 1, maxLength: REQUEST_CHARACTERS_MAX },
            title,
            replaces,
          },
        },
      },
    },
    async ({ body, params: { campus, node } }) => {
      try {
        return await boxes.sign(campus, node, body);
      } catch (error) {
        throw asProblem(error);
      }
    },
  );
  return server;
}

function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asProblem(error);
  }
}

/** What a person can do something about is said; the rest is in the log. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof OperatorError)) return error;
  return new Problem(409, "Not possible", error.message, error.zh ?? `没有执行：${error.message}`);
}
