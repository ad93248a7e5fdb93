/** A stand-in for ingest's desk of pictures: a camera gives one at the second question that is `ready`, `away` never does. */
import type { PictureView } from "@campus-ops/ingest/api";
import type { FastifyInstance } from "fastify";

export function answerLooks(
  server: FastifyInstance,
  content: Buffer,
  received: string[],
  ready: () => boolean = () => true,
): void {
  const asked = new Map<string, PictureView>();
  server.put<{ Params: { id: string }; Body: Pick<PictureView, "device" | "kind" | "at"> }>(
    "/pictures/:id",
    ({ body, params: { id } }, reply): PictureView => {
      const picture: PictureView = { ...body, id, askedAt: body.at, state: "asked" };
      const isAway = body.device.endsWith("/away");
      const answer: PictureView = isAway ? { ...picture, state: "refused", reason: "unreachable" } : picture;
      received.push(id);
      asked.set(id, answer);
      reply.code(202);
      return answer;
    },
  );
  server.get<{ Params: { id: string } }>(
    "/pictures/:id",
    ({ params: { id } }, reply): PictureView | object => {
      const picture = asked.get(id);
      if (picture === undefined) return reply.code(404).send({ title: "no such picture" });
      if (!ready()) return picture;
      const hash = { sha256: "1".repeat(64), contentType: "image/jpeg", bytes: content.length };
      return { ...picture, ...hash, state: "taken", takenAt: 2 };
    },
  );
  server.get("/pictures/:id/content", (_, reply) => reply.type("image/jpeg").send(content));
}
