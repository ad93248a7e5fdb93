/** System updates of edge boxes: bundles, roll-outs in waves, and boxes that stay as they are. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  type BundleView,
  ROLL_OUT_ACTS,
  type RollOut,
  type RollOutAct,
  type UpdatesView,
} from "../../updates/api.ts";
import { DONE } from "../contents.ts";
import { demandWholeHub, type Identity, sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, text, timestamp } from "../schemas.ts";
import { deleteJson, getJson, postJson, postStream, putJson } from "../upstream.ts";
import { pathOfCampus } from "./devices.ts";

/** The same as the enrolment process takes. */
const BUNDLE_BYTES_MAX = 2 * 1024 ** 3;
const BOXES_MAX = 5_000;
const BODY_BYTES_MAX = BOXES_MAX * 200;
const BUNDLE_TYPE = "application/octet-stream";

const word = { type: "string", minLength: 1, maxLength: 80 } as const;
const sha256 = { type: "string", pattern: "^[0-9a-f]{64}$" } as const;
const key = { type: "string", pattern: "^[^/]{1,80}/[^/]{1,80}$", description: "campus/node" } as const;
const bundle = object({
  sha256: string,
  bytes: number,
  compatible: string,
  version: string,
  signer: string,
  uploadedAt: timestamp,
  by: string,
});
const box = object(
  {
    box: string,
    step: { enum: ["waiting", "asked", "working", "settling", "good", "failed", "left-out"] },
    attempt: number,
    stage: string,
    quiet_ms: number,
    told_ms: number,
    told: number,
    reason: text,
  },
  ["reason"],
);
const rollOut = object(
  {
    id: string,
    bundle: string,
    version: string,
    compatible: string,
    state: { enum: ["running", "paused", "stopped", "cancelled", "done"] },
    reason: text,
    wave: number,
    urgent: boolean,
    forgiven: number,
    boxes: array(box),
    beganAt: timestamp,
    by: string,
    lookedAt: timestamp,
  },
  ["reason"],
);
const view = object(
  {
    takesBundles: boolean,
    bundles: array(bundle),
    rollOuts: array(rollOut),
    pins: array(object({ box: string, by: string, at: timestamp, why: string }, ["why"])),
    waves: array(number),
    schoolIsOut: boolean,
  },
  ["schoolIsOut"],
);
const newRollOut = object(
  {
    bundle: sha256,
    boxes: { type: "array", minItems: 1, maxItems: BOXES_MAX, items: key },
    urgent: { ...boolean, description: "school hours do not matter" },
  },
  ["urgent"],
);
const actParams = object({ id: word, act: { enum: ROLL_OUT_ACTS } });
const boxParams = object({ campus: word, node: word });
const pinBody = object({ why: { type: "string", maxLength: 400 } }, ["why"]);

interface NewRollOutBody {
  readonly bundle: string;
  readonly boxes: readonly string[];
  readonly urgent?: boolean;
}
interface OfBox {
  readonly campus: string;
  readonly node: string;
}

export function updateRoutes(server: FastifyInstance, { audit, site, upstreams }: ApiParts): void {
  const { enrolment } = upstreams;
  const read = { permission: "devices.read" } as const;
  const config = { permission: "boxes.update" } as const;
  const tags = ["devices"];

  server.get(
    "/updates",
    { config: read, schema: { tags, response: { 200: view } } },
    async ({ identity }): Promise<UpdatesView> => {
      const all = await getJson<UpdatesView>(enrolment, "/updates");
      const mine = (each: string): boolean => seesBox(identity, each);
      return {
        ...all,
        rollOuts: all.rollOuts
          .map((each) => ({ ...each, boxes: each.boxes.filter((of) => mine(of.box)) }))
          .filter(({ boxes }) => boxes.length > 0),
        pins: all.pins.filter((pin) => mine(pin.box)),
      };
    },
  );

  server.register(async (bundles) => {
    bundles.addContentTypeParser(BUNDLE_TYPE, { bodyLimit: BUNDLE_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    );
    bundles.post<{ Body: AsyncIterable<Uint8Array> | undefined }>(
      "/updates/bundles",
      { config, bodyLimit: BUNDLE_BYTES_MAX, schema: { tags, response: { 201: bundle } } },
      async (request, reply): Promise<BundleView> => {
        // Every campus's boxes may get it.
        demandWholeHub(request.identity);
        const { body, headers, identity } = request;
        if (body === undefined || headers["content-type"] !== BUNDLE_TYPE)
          throw new ApiProblem("bad-request", {
            zh: "请选择更新包文件（.raucb）",
            en: "send a bundle (.raucb)",
          });
        const { user } = identity;
        const taken = await postStream<BundleView>(
          enrolment,
          `/updates/bundles?by=${encodeURIComponent(user)}`,
          body,
        );
        audit({
          user,
          action: "update.bundle",
          bundle: taken.sha256,
          version: taken.version,
          signer: taken.signer,
        });
        reply.code(201);
        return taken;
      },
    );
  });

  server.delete<{ Params: { sha256: string } }>(
    "/updates/bundles/:sha256",
    { config, schema: { tags, params: object({ sha256 }), response: DONE } },
    async ({ identity, params }, reply) => {
      demandWholeHub(identity);
      await deleteJson(enrolment, `/updates/bundles/${params.sha256}`, {});
      audit({ user: identity.user, action: "update.bundle-remove", bundle: params.sha256 });
      return reply.code(204).send();
    },
  );

  server.post<{ Body: NewRollOutBody }>(
    "/updates/roll-outs",
    { config, bodyLimit: BODY_BYTES_MAX, schema: { tags, body: newRollOut, response: { 201: rollOut } } },
    async ({ body, identity }, reply): Promise<RollOut> => {
      const { user } = identity;
      for (const each of body.boxes) demandBox(identity, each);
      const begun = await postJson<RollOut>(enrolment, "/updates/roll-outs", { ...body, by: user });
      const { id, urgent, version } = begun;
      audit({ user, action: "update.begin", rollOut: id, version, urgent, boxes: body.boxes.length });
      reply.code(201);
      return begun;
    },
  );

  server.post<{ Params: { id: string; act: RollOutAct } }>(
    "/updates/roll-outs/:id/:act",
    { config, schema: { tags, params: actParams, response: { 200: rollOut } } },
    async (request): Promise<RollOut> => {
      const { act, id } = request.params;
      const before = await find(request, id);
      const after = await postJson<RollOut>(
        enrolment,
        `/updates/roll-outs/${encodeURIComponent(id)}/${act}`,
        {},
      );
      const { user } = request.identity;
      audit({ user, action: `update.${act}`, rollOut: id, version: after.version, before: before.state });
      return after;
    },
  );

  server.put<{ Params: OfBox; Body: { readonly why?: string } }>(
    "/updates/pins/:campus/:node",
    { config, schema: { tags, params: boxParams, body: pinBody, response: DONE } },
    async ({ body, identity, params }, reply) => {
      const { path, pinned } = named(identity, params);
      const { user } = identity;
      await putJson(enrolment, "/updates/pins", { box: pinned, by: user, ...body });
      audit({ user, action: "update.pin", path, box: pinned, ...body });
      return reply.code(204).send();
    },
  );

  server.delete<{ Params: OfBox }>(
    "/updates/pins/:campus/:node",
    { config, schema: { tags, params: boxParams, response: DONE } },
    async ({ identity, params }, reply) => {
      const { path, pinned } = named(identity, params);
      await deleteJson(enrolment, "/updates/pins", { box: pinned });
      audit({ user: identity.user, action: "update.unpin", path, box: pinned });
      return reply.code(204).send();
    },
  );

  /** Only who may update all of its boxes decides about a roll-out. */
  async function find({ identity }: FastifyRequest, id: string): Promise<RollOut> {
    const { rollOuts } = await getJson<UpdatesView>(enrolment, "/updates");
    const found = rollOuts.find((each) => each.id === id);
    if (found === undefined || !found.boxes.some((each) => seesBox(identity, each.box)))
      throw new ApiProblem("not-found");
    if (!found.boxes.every((each) => seesBox(identity, each.box)))
      throw new ApiProblem("not-allowed", {
        zh: "这次更新还涉及您不负责的学校",
        en: "this roll-out is also for schools that you do not answer for",
      });
    return found;
  }

  function named(
    identity: Identity,
    { campus, node }: OfBox,
  ): { readonly path: string; readonly pinned: string } {
    const pinned = `${campus}/${node}`;
    demandBox(identity, pinned);
    return { path: pathOfCampus(site, campus), pinned };
  }

  function demandBox(identity: Identity, each: string): void {
    if (!seesBox(identity, each)) throw new ApiProblem("not-found");
  }

  function seesBox(identity: Identity, each: string): boolean {
    return sees(identity, pathOfCampus(site, each.split("/")[0] ?? ""));
  }
}
