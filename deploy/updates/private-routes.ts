/** Updates over the enrolment process's private HTTP, for the API: `dashboards/updates/api.ts`. */
import type {
  BundleView,
  NewRollOut,
  Pin,
  RollOut,
  RollOutAct,
  UpdatesView,
} from "@campus-ops/dashboards/updates";
import type { FastifyInstance } from "fastify";
import { type RollOutRunner, RunnerError } from "./runner.ts";
import { BUNDLE_BYTES_MAX, type BundleShelf, ShelfError } from "./shelf.ts";

/** Of one roll-out: the boxes of a city's schools. */
export const BOXES_MAX = 5_000;

/** What the API hands over is checked there; answered with 409 and both languages is what a person can do something about. */
export function updateRoutes(
  server: FastifyInstance,
  {
    runner,
    shelf,
    now,
  }: { readonly runner: RollOutRunner; readonly shelf: BundleShelf; readonly now: () => number },
): void {
  server.register(async (updates) => {
    updates.setErrorHandler((error: Error, _request, reply) => {
      if (!(error instanceof RunnerError) && !(error instanceof ShelfError)) throw error;
      return reply
        .code(409)
        .type("application/problem+json")
        .send({ title: "Not possible", said: error.said });
    });
    // Left as a stream: it is larger than the memory of a hub.
    updates.addContentTypeParser(
      "application/octet-stream",
      { bodyLimit: BUNDLE_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );

    updates.get("/updates", (): Promise<UpdatesView> => runner.view());

    updates.post<{ Querystring: { by: string }; Body: AsyncIterable<Buffer> }>(
      "/updates/bundles",
      { bodyLimit: BUNDLE_BYTES_MAX },
      ({ body, query: { by } }): Promise<BundleView> => shelf.take(body, by),
    );

    updates.delete<{ Params: { sha256: string } }>("/updates/bundles/:sha256", async ({ params }, reply) => {
      runner.removeBundle(params.sha256);
      return reply.code(204).send();
    });

    updates.post<{ Body: NewRollOut }>(
      "/updates/roll-outs",
      { bodyLimit: BOXES_MAX * 200 },
      ({ body }): RollOut => {
        const rollOut = runner.begin(body);
        void runner.turn();
        return rollOut;
      },
    );

    updates.post<{ Params: { id: string; act: RollOutAct } }>(
      "/updates/roll-outs/:id/:act",
      ({ params: { act, id } }): RollOut => {
        const rollOut = runner.act(id, act);
        void runner.turn();
        return rollOut;
      },
    );

    updates.put<{ Body: Omit<Pin, "at"> }>("/updates/pins", async ({ body }, reply) => {
      runner.pin({ ...body, at: now() });
      return reply.code(204).send();
    });

    updates.delete<{ Body: { readonly box: string } }>("/updates/pins", async ({ body }, reply) => {
      runner.unpin(body.box);
      return reply.code(204).send();
    });
  });
}
