/**
 *   POST   /back-tests      NewBackTest → 202 BackTestView; 400 with file, line and field of a wrong pack
 *   GET    /back-tests      → BackTestView[], the newest first, without their differences
 *   GET    /back-tests/:id  → BackTestView
 *   DELETE /back-tests/:id  → BackTestView, cancelled
 */
import { InvalidDocumentError, Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { BackTestView, NewBackTest } from "../api.ts";

/** Back-tests of a hub, or of several campuses of which other workers know. */
export interface AsyncBackTests {
  start(request: NewBackTest): BackTestView | Promise<BackTestView>;
  list(): readonly BackTestView[];
  get(id: string): BackTestView;
  cancel(id: string): Promise<BackTestView>;
}

/** A pack of a thousand rules takes less. */
const PACK_BYTES_MAX = 2_000_000;

export function backTestRoutes(server: FastifyInstance, tests: AsyncBackTests, path = "/back-tests"): void {
  const moment = { type: "integer", minimum: 0 } as const;
  server.post<{ Body: NewBackTest }>(
    path,
    {
      bodyLimit: PACK_BYTES_MAX,
      schema: {
        body: {
          type: "object",
          required: ["pack", "by"],
          additionalProperties: false,
          properties: {
            pack: { type: "string", minLength: 1 },
            by: { type: "string", minLength: 1, maxLength: 128 },
            from: moment,
            to: moment,
          },
        },
      },
    },
    async ({ body }, reply) => {
      try {
        return reply.code(202).send(await tests.start(body));
      } catch (error) {
        if (!(error instanceof InvalidDocumentError)) throw error;
        const en = error.problems.map(({ line, field, message }) => `line ${line}: ${field}: ${message}`);
        const zh = error.problems.map(
          ({ line, field, message, zh: said = message }) => `第 ${line} 行：${field}：${said}`,
        );
        throw new Problem(400, "The rule pack is wrong", en.join("\n"), zh.join("\n"));
      }
    },
  );
  server.get(path, () => tests.list());
  server.get<{ Params: { id: string } }>(`${path}/:id`, ({ params }) => tests.get(params.id));
  server.delete<{ Params: { id: string } }>(`${path}/:id`, ({ params }) => tests.cancel(params.id));
}
