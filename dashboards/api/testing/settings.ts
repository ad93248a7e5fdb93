/** A stand-in for what a part answers about its settings: a value that is taken unless it is `wrong`. */
import type { SettingAnswer, SettingName, SettingView } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";

export function answerSettings(
  server: FastifyInstance,
  names: readonly SettingName[],
  received: { readonly path: string; readonly body: unknown }[],
): void {
  server.post("/settings/retention/preview", () => [{ what: "events", before: 1, count: 3, unit: "events" }]);
  const isRules = names.includes("notify");
  server.get("/retention", () =>
    isRules
      ? {
          kept: [{ what: "alarms", days: 1_096 }],
          removals: [{ at: 2, what: "alarms", before: 1, count: 4 }],
        }
      : {
          kept: [{ what: "points raw", days: 30 }],
          problems: [],
          removals: [3, 1].map((at) => ({ at, what: "points raw", before: 1, count: 5, unit: "points" })),
        },
  );
  server.post("/restart", (request, reply) => {
    received.push({ path: request.url, body: request.body });
    return reply.code(202).send();
  });
  for (const name of [...names, "site"] as const) {
    const view: SettingView = { name, source: "hub.yaml", value: { before: 1 }, version: "v1" };
    server.get(`/settings/${name}`, () => view);
    server.put<{ Body: { value: unknown; by: string; check?: boolean } }>(
      `/settings/${name}`,
      (request): SettingAnswer => {
        const { by, check, value } = request.body;
        if (check === true) return { saved: false, problems: [], setting: view };
        received.push({ path: request.url, body: request.body });
        if (value === "wrong")
          return { saved: false, problems: [{ field: "desks", zh: "不对", en: "wrong" }], setting: view };
        return { saved: true, problems: [], setting: { ...view, source: "console", value, by, at: 2 } };
      },
    );
    server.delete<{ Body: { version: string } }>(`/settings/${name}`, (request, reply): unknown => {
      received.push({ path: request.url, body: request.body });
      if (request.body.version === "v1") return { saved: true, problems: [], setting: view };
      return reply.code(409).send({ detail: "somebody else has changed it since" });
    });
  }
}
