/** The audit trail, searched and exported: for auditors, each for their own places. */
import { Readable } from "node:stream";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance } from "fastify";
import { type AuditBody, type AuditLink, RESULTS } from "../../audit/link.ts";
import type { AuditQuery } from "../../audit/trail.ts";
import type { AuditEntryView, AuditList } from "../accounts-api.ts";
import { fileOf } from "../contents.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, number, object, string, timestamp } from "../schemas.ts";

/** What the API reads of the trail. */
export interface ReadableTrail {
  search(query: AuditQuery, places: readonly (AssetPath | "")[]): readonly AuditBody[];
  links(from: Timestamp, to: Timestamp): { readonly previous: string; readonly links: Iterable<AuditLink> };
  readonly head: { readonly n: number; readonly hash: string };
  /** SHA-256 of the key that exports are signed with. */
  readonly fingerprint: string;
  /** The lines of an export. */
  signed(from: Timestamp, to: Timestamp, exportedBy: string): Iterable<string>;
  table(from: Timestamp, to: Timestamp): Iterable<string>;
}

const word = { type: "string", minLength: 1, maxLength: 200 } as const;
const entry = object(
  {
    n: number,
    at: timestamp,
    user: string,
    action: string,
    result: { enum: RESULTS },
    path: string,
    address: string,
    details: { type: "object" },
  },
  ["path", "address"],
);
const list = object(
  { entries: array(entry), before: number, head: object({ n: number, hash: string }), fingerprint: string },
  ["before"],
);
const query = object(
  {
    user: word,
    action: word,
    result: { enum: RESULTS },
    path: { type: "string", maxLength: 400 },
    from: timestamp,
    to: timestamp,
    text: word,
    before: number,
    limit: { type: "integer", minimum: 1, maximum: 500, default: 100 },
  },
  ["user", "action", "result", "path", "from", "to", "text", "before", "limit"],
);
const exportQuery = object(
  { format: { enum: ["jsonl", "csv"], default: "jsonl" }, from: timestamp, to: timestamp },
  ["format"],
);

export function auditRoutes(server: FastifyInstance, { audit, trail: kept }: ApiParts): void {
  const config = { permission: "audit.read" } as const;
  const tags = ["audit"];

  server.get<{ Querystring: AuditQuery }>(
    "/audit",
    {
      config: { ...config, sensitive: "audit" },
      schema: { tags, querystring: query, response: { 200: list } },
    },
    async ({ identity, query: asked }): Promise<AuditList> => {
      const trail = there();
      const { fingerprint, head } = trail;
      const entries: readonly AuditEntryView[] = trail.search(asked, identity.places);
      const last = entries.at(-1);
      const more = entries.length < asked.limit || last === undefined ? {} : { before: last.n };
      return { entries, head, fingerprint, ...more };
    },
  );

  server.get<{ Querystring: { format: "jsonl" | "csv"; from: number; to: number } }>(
    "/audit/export",
    { config, schema: { tags, querystring: exportQuery, response: fileOf("application/jsonl", "text/csv") } },
    async ({ identity, query: { format, from, to } }, reply) => {
      // The chain runs over all places: who exports it sees all of them.
      demandWholeHub(identity);
      const trail = there();
      audit({ user: identity.user, action: "audit.export", format, from, to });
      const lines = format === "csv" ? trail.table(from, to) : trail.signed(from, to, identity.user);
      return reply
        .type(format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl")
        .header("content-disposition", `attachment; filename="audit-${from}-${to}.${format}"`)
        .send(Readable.from(lines));
    },
  );

  function there(): ReadableTrail {
    if (kept === undefined) throw new ApiProblem("not-found");
    return kept;
  }
}
