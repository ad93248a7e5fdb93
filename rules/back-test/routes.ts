/**
 *   POST   /back-tests      NewBackTest → 202 BackTestView; 400 with file, line and field of a wrong pack
 *   GET    /back-tests      → BackTestView[], the newest first, without their differences
 *   GET    /back-tests/:id  → BackTestView
 *   DELETE /back-tests/:id  → BackTestView, cancelled
 */
import { InvalidDocumentError, Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { NewBackTest } from "../api.ts";
import type { BackTests } from "./back-tests.ts";

/** A pack of a thousand rules takes less. */
const PACK_BYTES_MAX = 2_000_000;

export function backTestRoutes(server: FastifyInstance, tests: BackTests): void {
  const moment = { type: "integer", minimum: 0 } as const;
  server.post<{ Body: NewBackTest }>(
    "/back-tests",
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
    ({ body }, reply) => {
      try {
        return reply.code(202).send(tests.start(body));
      } catch (error) {
        if (!(error instanceof InvalidDocumentError)) throw error;
        const lines = error.problems.map(({ line, field, message }) => `line ${line}: ${field}: ${message}`);
        throw new Problem(400, "The rule pack is wrong", lines.join("\n"));
      }
    },
  );
  server.get("/back-tests", () => tests.list());
  server.get<{ Params: { id: string } }>("/back-tests/:id", ({ params }) => tests.get(params.id));
  server.delete<{ Params: { id: string } }>("/back-tests/:id", ({ params }) => tests.cancel(params.id));
}
