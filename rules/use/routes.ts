/**
 *   GET /use?from=&to=                          → RoomUseView[]
 *   GET /use/records?campus=&type=&from=&to=    → UseRecordView[], in order of time
 *   GET /use/left-on?from=&to=[&scopes=&groupBy=] → LeftOnFigure[], the longest first; `scopes` are asset paths with commas
 *   GET /use/left-on/records?from=&to=[&scopes=] → LeftOnRecord[], the newest first
 */
import { ASSET_LEVELS } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import { inRange } from "../health/routes.ts";
import type { UseBelow } from "../told/use-below.ts";
import type { LeftOnFigure, LeftOnRecord, RoomUseView, UseRecordView } from "./api.ts";
import type { Range, UseFigures } from "./figures.ts";
import type { LeftOnFigures, LeftOnGroup } from "./left-on.ts";

const moment = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
const name = { type: "string", minLength: 1, maxLength: 64 } as const;
const range = { from: moment, to: moment } as const;

const leftOn = { ...range, scopes: { type: "string", maxLength: 8_000, default: "" } } as const;
type LeftOnQuery = Range & { readonly scopes: string };
const within = ({ scopes, ...rest }: LeftOnQuery) => ({ ...inRange(rest), scopes: scopes.split(",") });

export function useRoutes(
  server: FastifyInstance,
  figures: UseFigures,
  left: LeftOnFigures,
  below: UseBelow,
): void {
  server.get<{ Querystring: Range }>(
    "/use",
    { schema: { querystring: { type: "object", required: ["from", "to"], properties: range } } },
    ({ query }): Promise<readonly RoomUseView[]> =>
      askedLater(async () => {
        const told = await below.figures(query);
        const isTold = new Set(told.map(({ campus }) => campus));
        return [...figures.figures(query).filter(({ campus }) => !isTold.has(campus)), ...told];
      }),
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
  server.get<{ Querystring: LeftOnQuery & { groupBy: LeftOnGroup } }>(
    "/use/left-on",
    {
      schema: {
        querystring: {
          type: "object",
          required: ["from", "to"],
          properties: { ...leftOn, groupBy: { enum: [...ASSET_LEVELS, "none"], default: "none" } },
        },
      },
    },
    ({ query: { groupBy, ...query } }): Promise<readonly LeftOnFigure[]> =>
      askedLater(() => left.figures(within(query), groupBy)),
  );
  server.get<{ Querystring: LeftOnQuery }>(
    "/use/left-on/records",
    { schema: { querystring: { type: "object", required: ["from", "to"], properties: leftOn } } },
    ({ query }): Promise<readonly LeftOnRecord[]> => askedLater(() => left.records(within(query))),
  );
}

async function askedLater<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError)
      throw new Problem(400, "Bad request", error.message, "所选时间太长，请缩短时间范围");
    throw error;
  }
}

function asked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError)
      throw new Problem(400, "Bad request", error.message, "所选时间太长，请缩短时间范围");
    throw error;
  }
}
