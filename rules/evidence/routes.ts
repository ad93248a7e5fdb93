/**
 *   GET /alarms/:id/bundle?by= → text/html: the alarm with its evidence, to print and to verify offline
 *   GET /evidence              → EvidenceView: the key that signs bundles, and the head of the chain
 */
import { createHash } from "node:crypto";
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { EvidenceView } from "../api.ts";
import type { PictureContents } from "../pictures/contents.ts";
import type { RulesStore } from "../store/rules-store.ts";
import { sealed } from "./bundle.ts";
import { toldBy } from "./chain.ts";
import { signingKey } from "./signing-key.ts";

/** Pictures in one bundle; the oldest are left out beyond it, and their hashes stay. */
export const BUNDLE_PICTURES_BYTES_MAX = 32 * 1_048_576;

export interface EvidenceParts {
  readonly store: RulesStore;
  /** Where the hub's signing key is, or is to be. */
  readonly keyFile: string;
  readonly hub: LocalText;
  /** IANA name; China's unless said. */
  readonly timeZone: string | undefined;
  readonly pictures: PictureContents;
  readonly now: () => Timestamp;
}

export function evidenceRoutes(
  server: FastifyInstance,
  { store, keyFile, hub, now, pictures, timeZone }: EvidenceParts,
): void {
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
    async ({ params: { id }, query: { by } }, reply) => {
      const alarm = store.alarm(id);
      if (alarm === undefined)
        throw new Problem(404, "No such alarm", `there is no alarm ${id}`, `没有报警 ${id}`);
      const chain = store.chainOf(id);
      // What is not in the chain (a hub from before there was one) is not evidence.
      const detail = { ...alarm, ...toldBy(chain), symptomIds: store.symptomsOf(id) };
      const disclosed = store.disclosed(chain);
      const contents = await pictures.of(detail.pictures, BUNDLE_PICTURES_BYTES_MAX);
      const file = sealed(
        {
          hub,
          ...(timeZone === undefined ? {} : { timeZone }),
          exportedAt: now(),
          exportedBy: by,
          alarm: detail,
          chain,
          ...(disclosed.length === 0 ? {} : { disclosed }),
          head: store.chainHead(),
        },
        signingKey(keyFile),
        contents,
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
