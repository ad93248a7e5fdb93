/**
 *   PUT /pictures/:id {device, kind, at}  → 202 PictureView: asks the camera's edge box, again if it is put again
 *   GET /pictures?after=&limit=           → PictureView[], settled after that number, in order
 *   GET /pictures/:id · /pictures/:id/content → PictureView · the picture itself
 */
import { PICTURE_KINDS, REQUEST_ID_PATTERN } from "@campus-ops/broker/sparkplug";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { PictureView } from "../api.ts";
import type { PictureDesk } from "../pictures/desk.ts";
import type { NewRequest, PictureShelf } from "../pictures/shelf.ts";

export const PICTURES_LISTED_MAX = 200;

const PARAMS = {
  type: "object",
  properties: { id: { type: "string", pattern: REQUEST_ID_PATTERN } },
} as const;
const REQUEST = {
  type: "object",
  required: ["device", "kind", "at"],
  additionalProperties: false,
  properties: {
    device: { type: "string", maxLength: 256 },
    kind: { enum: PICTURE_KINDS },
    at: { type: "integer", minimum: 0, maximum: 8.64e15 },
  },
} as const;
const LISTED = {
  type: "object",
  properties: {
    after: { type: "integer", minimum: 0, default: 0 },
    limit: { type: "integer", minimum: 1, maximum: PICTURES_LISTED_MAX, default: PICTURES_LISTED_MAX },
  },
} as const;

export interface PictureRouteParts {
  readonly desk: PictureDesk;
  readonly shelf: PictureShelf;
}

export function pictureRoutes(server: FastifyInstance, { desk, shelf }: PictureRouteParts): void {
  server.put<{ Params: { id: string }; Body: Omit<NewRequest, "id"> }>(
    "/pictures/:id",
    { schema: { params: PARAMS, body: REQUEST } },
    ({ body, params: { id } }, reply) => reply.code(202).send(desk.ask({ id, ...body })),
  );
  server.get<{ Querystring: { after: number; limit: number } }>(
    "/pictures",
    { schema: { querystring: LISTED } },
    ({ query: { after, limit } }): readonly PictureView[] => shelf.settledAfter(after, limit),
  );
  server.get<{ Params: { id: string } }>("/pictures/:id", { schema: { params: PARAMS } }, ({ params }) => {
    const view = shelf.request(params.id);
    if (view === undefined) throw missing(params.id);
    return view;
  });
  server.get<{ Params: { id: string } }>(
    "/pictures/:id/content",
    { schema: { params: PARAMS } },
    async ({ params: { id } }, reply) => {
      const content = await shelf.content(id);
      if (content === undefined) throw missing(id);
      return reply
        .type(shelf.request(id)?.contentType ?? "application/octet-stream")
        .header("cache-control", "no-store")
        .send(content);
    },
  );
}

const missing = (id: string): Problem =>
  new Problem(404, "No such picture", `there is no picture ${id} here`, `这里没有图片 ${id}`);
