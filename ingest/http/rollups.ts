/**
 * Counts of campuses. Whoever asks again for the same range says which answer they have (`If-None-Match`) and that they take
 * what has changed since (`A-IM`, RFC 3229): of a city of 1,200 campuses a quarter of a second changes a few dozen.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import type { CampusRollup, CampusTelling } from "../api.ts";
import type { CampusRollups } from "../projections/campus-rollups.ts";
import { Turns } from "../projections/turns.ts";
import { CURSOR, demandRange, RANGE } from "./ranges.ts";

/** RFC 3229, 10.5.3: the instance manipulation, by the name that is this hub's own. */
const CHANGED_CAMPUSES = "changed-campuses";
/** RFC 3229, 10.4.1. */
const IM_USED = 226;

export interface RollupRouteParts {
  readonly rollups: CampusRollups;
  readonly now: () => Timestamp;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
}

export function rollupRoutes(server: FastifyInstance, { now, rollups, uptime_ms }: RollupRouteParts): void {
  server.get<{ Querystring: { from: number; to: number } }>(
    "/rollups",
    { schema: { querystring: RANGE } },
    async ({ headers, query: { from, to } }, reply): Promise<readonly CampusRollup[]> => {
      demandRange({ from, to });
      const base = headers["a-im"] === CHANGED_CAMPUSES ? headers["if-none-match"] : undefined;
      const answer = await rollups.changed(from, to, base?.slice(1, -1), new Turns(uptime_ms));
      reply.header("etag", `"${answer.tag}"`);
      if (answer.isDelta) reply.code(IM_USED).headers({ im: CHANGED_CAMPUSES, "delta-base": base });
      return answer.rollups;
    },
  );

  server.get<{ Params: { campus: string }; Querystring: { after?: number } }>(
    "/telling/:campus",
    { schema: { querystring: CURSOR } },
    ({ params: { campus }, query: { after } }): CampusTelling => rollups.telling(campus, after, now()),
  );
}
