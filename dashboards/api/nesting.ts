/** Bodies that are nested deeper than anything that is sent here: who reads them by recursion would be out of stack. */
import type { FastifyInstance } from "fastify";
import { ApiProblem } from "./problem.ts";

/** A setting has some ten. */
export const LEVELS_MAX = 100;

export function refuseDeepBodies(api: FastifyInstance): void {
  api.addHook("preValidation", async ({ body, headers }) => {
    const isJson = headers["content-type"]?.startsWith("application/json") === true;
    if (isJson && isDeeperThan(LEVELS_MAX, body))
      throw new ApiProblem("bad-request", {
        zh: `请求内容嵌套超过 ${LEVELS_MAX} 层，没有保存`,
        en: `the body is nested more than ${LEVELS_MAX} levels deep; nothing was kept`,
      });
  });
}

function isDeeperThan(levels: number, value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}
