import fastify from "fastify";
import { expect, test } from "vitest";
import { answerWithProblems, Problem } from "./problem.ts";

test("a refusal that a person may come to read is said in both languages, another in English", async () => {
  const server = fastify();
  answerWithProblems(server, "rules");
  server.get("/both", () => {
    throw new Problem(409, "Device away", "gate is stale", "设备离线");
  });
  server.get("/one", () => {
    throw new Problem(404, "No such rule", "no rule is called x");
  });
  const both = await server.inject("/both");
  expect([both.statusCode, both.json()]).toEqual([
    409,
    {
      type: "about:blank",
      title: "Device away",
      status: 409,
      detail: "gate is stale",
      said: { zh: "设备离线", en: "gate is stale" },
    },
  ]);
  expect((await server.inject("/one")).json()).not.toHaveProperty("said");
  await server.close();
});
