/** Clearing the demonstration away, so that a hub of one's own can be made in its place. */
import type { FastifyInstance } from "fastify";
import { BEGUN } from "../contents.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { object } from "../schemas.ts";

/** What has to be typed, in the language of whoever types it. */
const CLEAR_CONFIRMATIONS = ["清除演示", "clear the demonstration"] as const;

export function demonstrationRoutes(server: FastifyInstance, { audit, clearing }: ApiParts): void {
  const body = object({ confirmation: { enum: [...CLEAR_CONFIRMATIONS] } });
  server.post(
    "/demonstration/clear",
    {
      config: { permission: "settings.write" },
      schema: { tags: ["settings"], body, response: BEGUN },
      // After the answer: whoever asked is told before everything stops.
      onResponse: (_request, reply, done) => {
        if (reply.statusCode === 202) clearing?.begin();
        done();
      },
    },
    async ({ identity }, reply) => {
      demandWholeHub(identity);
      if (clearing === undefined) {
        throw new ApiProblem("conflict", {
          zh: "这不是演示环境，没有可清除的内容",
          en: "this is no demonstration: there is nothing to clear",
        });
      }
      const traces = clearing.ownHubTraces();
      if (traces.length > 0) {
        const found = traces.join(", ");
        throw new ApiProblem("conflict", {
          zh: `数据文件夹里还有真实平台的内容（${found}），没有清除任何东西。请为真实平台使用另一个数据文件夹`,
          en: `the data folder has also been that of a hub of its own (${found}); nothing was cleared. Give one of the two a folder of its own: CAMPUS_OPS_DATA`,
        });
      }
      audit({ user: identity.user, action: "demonstration.clear" });
      return reply.code(202).send();
    },
  );
}
