import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadDocument } from "./document.ts";
import { answerWithProblems } from "./problem.ts";
import { settingRoutes } from "./setting-routes.ts";
import { type SettingAnswer, SettingsDesk, type SettingView } from "./settings.ts";

const SCHEMA = {
  type: "object",
  properties: {
    notify: { type: "object", additionalProperties: false, properties: { console: { type: "string" } } },
  },
} as const;

let folder: string;
let server: FastifyInstance;
let restarts: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setting-routes-"));
  mkdirSync(join(folder, "data"));
  const config = join(folder, "hub.yaml");
  writeFileSync(config, "notify: {}\n");
  server = fastify();
  answerWithProblems(server, "test");
  restarts = 0;
  const desk = new SettingsDesk({
    data: join(folder, "data"),
    config,
    names: ["notify"],
    check: (overlays) => loadDocument(config, SCHEMA, overlays),
    now: () => 1_000,
  });
  settingRoutes(server, desk, () => {
    restarts += 1;
  });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const view = async (): Promise<SettingView> => (await server.inject("/settings/notify")).json();
const put = async (value: unknown, more: object = {}) => {
  const payload = { value, version: (await view()).version, by: "wang", ...more };
  return server.inject({ method: "PUT", url: "/settings/notify", payload });
};

test("a part begins again when a change was written or taken back, and not for one that was refused or only tried", async () => {
  expect((await put({ consle: 1 })).json<SettingAnswer>()).toMatchObject({ saved: false });
  expect((await put({ console: "https://x" }, { check: true })).json<SettingAnswer>().problems).toEqual([]);
  expect(restarts).toBe(0);
  expect((await put({ console: "https://x" })).json<SettingAnswer>()).toMatchObject({ saved: true });
  expect(restarts).toBe(1);
  const { version } = await view();
  await server.inject({ method: "DELETE", url: "/settings/notify", payload: { version } });
  expect([restarts, (await view()).source]).toEqual([2, "hub.yaml"]);
});

test("another's change meanwhile is a conflict, and a setting of another part is not there", async () => {
  expect((await put({}, { version: "seen long ago" })).statusCode).toBe(409);
  expect((await server.inject("/settings/retention")).statusCode).toBe(404);
  expect(restarts).toBe(0);
});

test("a part can be asked to begin again", async () => {
  expect((await server.inject({ method: "POST", url: "/restart" })).statusCode).toBe(202);
  expect(restarts).toBe(1);
});
