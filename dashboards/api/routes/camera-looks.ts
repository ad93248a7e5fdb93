/**
 * What a camera sees now, for who says why: a picture is asked of its edge box, and written down with its hash before it is
 * sent, as the pictures of alarms are. Who asks while one is under way is shown that one.
 */
import { setTimeout as later } from "node:timers/promises";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceView, PictureView } from "@campus-ops/ingest/api";
import type { FastifyInstance } from "fastify";
import { fileOf } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { object } from "../schemas.ts";
import { getBytes, getJson, sendJson } from "../upstream.ts";

/** A person waits; what comes later is on the shelf, and the next look is shown it. */
export const LOOK_MS_MAX = 15_000;
const ASK_AGAIN_MS = 400;
/** Of all cameras together: each is a picture over a campus's uplink. */
export const LOOKS_AT_ONCE_MAX = 12;
const REASON_CHARACTERS_MAX = 200;

const part = { type: "string", minLength: 1, maxLength: 64, pattern: "^[a-z0-9][a-z0-9-]*$" } as const;
const params = object({ campus: part, node: part, device: part });
const body = object({
  reason: { type: "string", minLength: 1, maxLength: REASON_CHARACTERS_MAX, pattern: "\\S" },
} as const);

const REFUSALS: Readonly<Record<NonNullable<PictureView["reason"]>, LocalText>> = {
  unreachable: {
    zh: "摄像机或它的边缘盒现在联系不上",
    en: "the camera, or its edge box, does not answer now",
  },
  unsupported: { zh: "这台设备不能抓拍", en: "this device takes no pictures" },
  failed: { zh: "摄像机没有给出画面，请再试", en: "the camera gave no picture; try again" },
  full: { zh: "边缘盒存储已满，没有抓拍", en: "the edge box has no room for a picture" },
};
const NOT_YET: LocalText = {
  zh: "摄像机在 15 秒内没有给出画面，请再试",
  en: "the camera gave no picture within 15 seconds; try again",
};

export function cameraLookRoutes(server: FastifyInstance, { audit, now, upstreams }: ApiParts): void {
  const { ingest } = upstreams;
  const underWay = new Map<string, Promise<PictureView>>();

  server.post<{
    Params: { readonly campus: string; readonly node: string; readonly device: string };
    Body: { readonly reason: string };
  }>(
    "/devices/:campus/:node/:device/look",
    {
      config: { permission: "evidence.read", writes: false },
      schema: { tags: ["devices"], params, body, response: fileOf("image/jpeg") },
    },
    async ({ body: { reason }, identity, params: { campus, device, node } }, reply) => {
      const key = `${campus}/${node}/${device}`;
      const camera = await getJson<DeviceView>(ingest, `/devices/${key}`);
      if (!sees(identity, camera.path)) throw new ApiProblem("not-found");
      const picture = await (underWay.get(key) ?? begin(key, device));
      audit({
        user: identity.user,
        action: "look.picture",
        path: camera.path,
        camera: key,
        picture: picture.id,
        sha256: picture.sha256,
        reason,
      });
      const { bytes, type } = await getBytes(ingest, `/pictures/${picture.id}/content`);
      return reply.type(type).header("cache-control", "no-store").send(bytes);
    },
  );

  function begin(key: string, device: string): Promise<PictureView> {
    if (underWay.size >= LOOKS_AT_ONCE_MAX) throw new ApiProblem("too-many", undefined, LOOK_MS_MAX / 1_000);
    const asked = ask(key, `look.${now().toString(36)}.${device}`).finally(() => underWay.delete(key));
    underWay.set(key, asked);
    return asked;
  }

  async function ask(key: string, id: string): Promise<PictureView> {
    const path = `/pictures/${id}`;
    let picture = await sendJson<PictureView>(ingest, path, "PUT", {
      device: key,
      kind: "snapshot",
      at: now(),
    });
    for (let waited = 0; picture.state === "asked" && waited < LOOK_MS_MAX; waited += ASK_AGAIN_MS) {
      await later(ASK_AGAIN_MS);
      picture = await getJson<PictureView>(ingest, path);
    }
    if (picture.state === "taken") return picture;
    const { reason } = picture;
    throw new ApiProblem("conflict", reason === undefined ? NOT_YET : REFUSALS[reason]);
  }
}
