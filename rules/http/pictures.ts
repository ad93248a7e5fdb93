/** GET /alarms/:id/pictures/:picture → the picture itself; 404 when there is none, or no longer. */
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { PictureContents } from "../pictures/contents.ts";
import type { RulesStore } from "../store/rules-store.ts";

export function pictureRoute(
  server: FastifyInstance,
  { pictures, store }: { readonly pictures: PictureContents; readonly store: RulesStore },
): void {
  server.get<{ Params: { id: string; picture: string } }>(
    "/alarms/:id/pictures/:picture",
    async ({ params: { id, picture } }, reply) => {
      const view = store.pictures.ofAlarm(id).find((each) => each.id === picture);
      const content = view === undefined ? undefined : await pictures.content(view);
      if (view === undefined || content === undefined) {
        throw new Problem(
          404,
          "No such picture",
          `there is no picture ${picture} of alarm ${id}, or no longer`,
          `报警 ${id} 没有图片 ${picture}，或已超过保存期`,
        );
      }
      return reply
        .type(view.contentType ?? "application/octet-stream")
        .header("cache-control", "no-store")
        .send(Buffer.from(content));
    },
  );
}
