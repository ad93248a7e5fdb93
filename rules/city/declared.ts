/**
 * Drills and suppressions of places above a campus: each campus of the place has its own, and all have the same id.
 *
 *   GET    /city/drills · /city/suppressions       → DrillView[] · SuppressionView[], each once
 *   POST   /city/drills · /city/suppressions       → DrillView · SuppressionView, with the whole place
 *   GET    /city/drills/:id                        → DrillReport over all campuses
 *   DELETE /city/drills/:id · /city/suppressions/:id {by} → 204
 */
import { randomUUID } from "node:crypto";
import { Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import type { DrillReport, DrillView, SuppressionView } from "../api.ts";
import { askAll, askOne, type City, type CityCampus, campusesIn } from "./ask.ts";
import { foldDeclared, foldDrill } from "./fold.ts";

type Kind = "drills" | "suppressions";
type Declared = DrillView | SuppressionView;

export function declaredRoutes(server: FastifyInstance, city: City): void {
  for (const kind of ["drills", "suppressions"] as const) {
    server.get(`/city/${kind}`, async () =>
      foldDeclared((await askAll<readonly Declared[]>(city, city.campuses, `/${kind}`)).map(asIs)),
    );
    server.post<{ Body: { readonly path: string; readonly by: string } }>(`/city/${kind}`, ({ body }) =>
      declare(city, kind, body),
    );
    server.delete<{ Params: { id: string }; Body: { by: string } }>(
      `/city/${kind}/:id`,
      async ({ body, params: { id } }, reply) => {
        const ended = await ofThoseThatKnow(city, (campus) =>
          askOne(city, campus, `/${kind}/${id}`, body, "DELETE"),
        );
        if (ended.length === 0)
          throw new Problem(404, "Not found", `no campus knows ${id}`, `没有学校知道 ${id}`);
        return reply.code(204).send();
      },
    );
  }
  server.get<{ Params: { id: string } }>(
    "/city/drills/:id",
    async ({ params: { id } }): Promise<DrillReport> => {
      const [first, ...others] = await ofThoseThatKnow(city, (campus) =>
        askOne<DrillReport>(city, campus, `/drills/${encodeURIComponent(id)}`),
      );
      if (first === undefined)
        throw new Problem(404, "No such drill", `there is no drill ${id}`, `没有演练 ${id}`);
      return foldDrill([first, ...others]);
    },
  );
}

const asIs = <T>(each: T): T => each;

/** On all campuses of the place or, when one of them refuses or is away, on none. */
async function declare(
  city: City,
  kind: Kind,
  body: { readonly path: string; readonly by: string },
): Promise<Declared> {
  const campuses = campusesIn(city, [body.path]);
  const id = randomUUID();
  const done: CityCampus[] = [];
  let declared: Declared | undefined;
  try {
    for (const campus of campuses) {
      declared = await askOne<Declared>(city, campus.id, `/${kind}`, { ...body, id });
      done.push(campus);
    }
  } catch (error) {
    for (const campus of done)
      await askOne(city, campus.id, `/${kind}/${id}`, { by: body.by }, "DELETE").catch(() => undefined);
    throw error;
  }
  if (declared === undefined)
    throw new Problem(
      404,
      "No such place",
      `no campus of this hub lies in ${body.path}`,
      `本平台没有学校在 ${body.path}`,
    );
  return declared;
}

/** A campus that was not meant has nothing to say; one that is away might have. */
async function ofThoseThatKnow<T>(
  { campuses }: City,
  ask: (campus: string) => Promise<T>,
): Promise<readonly T[]> {
  const answers = await Promise.all(
    campuses.map(async ({ id }) => {
      try {
        return [await ask(id)];
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return [];
        throw error;
      }
    }),
  );
  return answers.flat();
}
