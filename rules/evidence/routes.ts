/**
 *   GET /alarms/:id/bundle?by= → text/html: the alarm with its evidence, to print and to verify offline
 *   GET /evidence              → EvidenceView: the key that signs bundles, and the head of the chain
 */
import { createHash } from "node:crypto";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { EvidenceView } from "../api.ts";
import type { RulesStore } from "../store/rules-store.ts";
import { sealed } from "./bundle.ts";
import type { LinkBody } from "./chain.ts";
import { signingKey } from "./signing-key.ts";

export interface EvidenceParts {
  readonly store: RulesStore;
  /** Where the hub's signing key is, or is to be. */
  readonly keyFile: string;
  readonly hub: LocalText;
  readonly now: () => Timestamp;
}

export function evidenceRoutes(server: FastifyInstance, { store, keyFile, hub, now }: EvidenceParts): void {
  server.get<{ Params: { id: string }; Querystring: { by: string } }>(
    "/alarms/:id/bundle",
    {
      schema: {
        querystring: {
          type: "object",
          required: ["by"],
          properties: { by: { type: "string", minLength: 1, maxLength: 128 } },
        },
      },
    },
    ({ params: { id }, query: { by } }, reply) => {
      const alarm = store.alarm(id);
      if (alarm === undefined) throw new Problem(404, "No such alarm", `there is no alarm ${id}`);
      const chain = store.chainOf(id);
      // What is not in the chain (a hub from before there was one) is not evidence.
      const transitions = chain.map(({ body }) => (JSON.parse(body) as LinkBody).transition);
      const detail = { ...alarm, transitions, symptomIds: store.symptomsOf(id) };
      const file = sealed(
        {
          hub,
          exportedAt: now(),
          exportedBy: by,
          alarm: detail,
          chain,
          head: store.chainHead(),
        },
        signingKey(keyFile),
      );
      return reply
        .type("text/html; charset=utf-8")
        .header("content-disposition", `attachment; filename="alarm-${id}.html"`)
        .send(file);
    },
  );

  server.get("/evidence", (): EvidenceView => {
    const publicKey = signingKey(keyFile).public;
    return {
      publicKey,
      fingerprint: createHash("sha256").update(publicKey).digest("hex"),
      head: store.chainHead(),
    };
  });
}
