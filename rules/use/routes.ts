/**
 *   GET /use?from=&to=                          → RoomUseView[]
 *   GET /use/records?campus=&type=&from=&to=    → UseRecordView[], in order of time
 */
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { RoomUseView, UseRecordView } from "./api.ts";
import type { Range, UseFigures } from "./figures.ts";

const moment = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
const name = { type: "string", minLength: 1, maxLength: 64 } as const;
const range = { from: moment, to: moment } as const;

export function useRoutes(server: FastifyInstance, figures: UseFigures): void {
  server.get<{ Querystring: Range }>(
    "/use",
    { schema: { querystring: { type: "object", required: ["from", "to"], properties: range } } },
    ({ query }): readonly RoomUseView[] => asked(() => figures.figures(query)),
  );
  server.get<{ Querystring: Range & { campus: string; type: string } }>(
    "/use/records",
    {
      schema: {
        querystring: {
          type: "object",
          required: ["campus", "type", "from", "to"],
          properties: { ...range, campus: name, type: name },
        },
      },
    },
    ({ query: { campus, type, ...within } }): readonly UseRecordView[] =>
      asked(() => figures.records(campus, type, within)),
  );
}

function asked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new Problem(400, "Bad request", error.message);
    throw error;
  }
}
