/** A stand-in for what a part answers about its settings: a value that is taken unless it is `wrong`. */
import type { SettingAnswer, SettingName, SettingView } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";

export function answerSettings(
  server: FastifyInstance,
  names: readonly SettingName[],
  received: { readonly path: string; readonly body: unknown }[],
): void {
  server.post("/settings/retention/preview", () => [{ what: "events", before: 1, count: 3, unit: "events" }]);
  for (const name of names) {
    const view: SettingView = { name, source: "hub.yaml", value: { before: 1 }, version: "v1" };
    server.get(`/settings/${name}`, () => view);
    server.put<{ Body: { value: unknown; by: string } }>(`/settings/${name}`, (request): SettingAnswer => {
      received.push({ path: request.url, body: request.body });
      const { by, value } = request.body;
      if (value === "wrong")
        return { saved: false, problems: [{ field: "desks", zh: "不对", en: "wrong" }], setting: view };
      return { saved: true, problems: [], setting: { ...view, source: "console", value, by, at: 2 } };
    });
    server.delete(`/settings/${name}`, (request, reply) => {
      received.push({ path: request.url, body: request.body });
      return reply.code(409).send({ detail: "somebody else has changed it since" });
    });
  }
}
