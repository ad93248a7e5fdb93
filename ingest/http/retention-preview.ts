/** POST /settings/retention/preview { value } → RetentionLoss[]: what would be removed if data were kept so long. */
import { checkDocument, InvalidDocumentError, Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { RetentionLoss } from "../api.ts";
import { INGEST_SCHEMA } from "../configuration.ts";
import type { RetentionDays } from "../core/retention.ts";
import type { RetentionJob } from "../retention.ts";

const { retention: SCHEMA } = INGEST_SCHEMA.properties.ingest.properties;

export function retentionPreview(server: FastifyInstance, job: Pick<RetentionJob, "preview">): void {
  server.post<{ Body: { readonly value: unknown } }>(
    "/settings/retention/preview",
    async ({ body }): Promise<readonly RetentionLoss[]> => job.preview(daysOf(body.value)),
  );
}

/** What is not said is as it is where nothing is said. */
function daysOf(value: unknown): RetentionDays {
  try {
    return checkDocument<RetentionDays>("retention", JSON.stringify(value ?? {}), SCHEMA).value;
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    const en = error.problems.map(({ field, message }) => `${field} ${message}`);
    const zh = error.problems.map(({ field, message, zh = message }) => `${field}：${zh}`);
    throw new Problem(400, "The retention makes no sense", en.join("\n"), zh.join("\n"));
  }
}
