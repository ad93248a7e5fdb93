import fastify from "fastify";
import { expect, test } from "vitest";
import { answerWithProblems, Problem } from "./problem.ts";

test("every refusal is said in both languages, of whatever kind it is", async () => {
  const server = fastify();
  answerWithProblems(server, "rules");
  server.get("/both", () => {
    throw new Problem(409, "Device away", "gate is stale", "设备离线");
  });
  server.get("/broken", () => {
    throw new Error("a secret of the inside");
  });
  server.post("/empty", () => "");
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
  const said = async (method: "GET" | "POST", url: string): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    return (await server.inject({ method, url, headers, payload: "{" })).json().said;
  };
  const text = expect.any(String);
  expect(await said("GET", "/broken")).toEqual({
    zh: "平台内部错误，见 rules 的日志",
    en: "see the log of rules",
  });
  expect(await said("POST", "/empty")).toEqual({ zh: expect.stringContaining("请求有误"), en: text });
  expect(await said("GET", "/nowhere")).toEqual({ zh: "这里没有这个地址", en: text });
  await server.close();
});
