import { afterEach, expect, test, vi } from "vitest";
import { getJson, positionOfRead, sendJson } from "./http.ts";

afterEach(() => vi.unstubAllGlobals());

/** The API answers so; the page is in Chinese. */
function answering(status: number, body: string): void {
  vi.stubGlobal("document", { documentElement: { lang: "zh-CN" } });
  vi.stubGlobal("fetch", async () => new Response(status === 204 ? null : body, { status }));
}

test.each([202, 204])(
  "what was taken is answered %s without a content, and is no failure",
  async (status) => {
    answering(status, "");
    expect(await sendJson("POST", "/api/v1/backups", {})).toBeUndefined();
  },
);

test("an answer is what it holds, and a problem is told in its own words", async () => {
  answering(200, '{"saved":true}');
  expect(await sendJson("PUT", "/api/v1/settings/notify", {})).toEqual({ saved: true });
  answering(409, '{"title":"Conflict","detail":"somebody else has changed it"}');
  await expect(sendJson("PUT", "/api/v1/settings/notify", {})).rejects.toEqual(
    expect.objectContaining({ name: "ApiProblem", message: "somebody else has changed it", status: 409 }),
  );
});

test("the stream is heard from before the oldest of what was read, and from nowhere when the hub began anew", async () => {
  const read = async (position: string): Promise<string | undefined> => {
    vi.stubGlobal("document", { documentElement: { lang: "zh-CN" } });
    vi.stubGlobal("fetch", async () => new Response("{}", { headers: { "stream-position": position } }));
    await getJson("/api/v1/site");
    return positionOfRead();
  };
  expect(positionOfRead()).toBeUndefined();
  expect(await read("first.12")).toBe("first.12");
  expect(await read("first.9")).toBe("first.9");
  expect(await read("first.10")).toBe("first.9");
  expect(await read("second.1")).toBeUndefined();
  expect(await read("first.8")).toBeUndefined();
});
