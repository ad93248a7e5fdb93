import { afterEach, expect, test, vi } from "vitest";
import { ATTENDED_MS, isAttended, watchAttention } from "./attention.ts";
import { confirmBy, getJson, sendJson } from "./http.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Answers what each request said, and `answers` in their order. */
function hub(...answers: readonly (readonly [status: number, body: unknown])[]): Headers[] {
  const asked: Headers[] = [];
  vi.stubGlobal("document", { documentElement: { lang: "zh-CN" } });
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    const [status, body] = answers[asked.length - 1] ?? [200, {}];
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  });
  return asked;
}

test("what a page asks while nobody touches it says so, until somebody does", async () => {
  vi.useFakeTimers();
  const page = new EventTarget();
  watchAttention(page as unknown as Window);
  page.dispatchEvent(new Event("keydown"));
  const asked = hub();
  await getJson("/api/v1/rollups");
  vi.advanceTimersByTime(ATTENDED_MS);
  await getJson("/api/v1/rollups");
  page.dispatchEvent(new Event("pointermove"));
  expect(isAttended()).toBe(true);
  await sendJson("POST", "/api/v1/query", {});
  expect(asked.map((each) => each.get("campus-ops-unattended"))).toEqual([null, "?1", null]);
});

const CONFIRM = [403, { type: "urn:campus-ops:problem:confirm-first", detail: "是您吗" }] as const;

test("what needs it is asked for again once whoever is there has confirmed, and is refused otherwise", async () => {
  const asked = hub(CONFIRM, [200, { done: true }], CONFIRM);
  const answers = [true, false];
  const stop = confirmBy(async () => answers.shift() === true);
  expect(await sendJson("POST", "/api/v1/accounts", {})).toEqual({ done: true });
  await expect(sendJson("POST", "/api/v1/accounts", {})).rejects.toMatchObject({ message: "是您吗" });
  expect(asked).toHaveLength(3);
  stop();
});

test("what is refused for another reason asks nobody", async () => {
  const asked = hub([403, { type: "urn:campus-ops:problem:not-allowed", title: "没有权限" }]);
  const stop = confirmBy(() => Promise.reject(new Error("asked for the password")));
  await expect(sendJson("DELETE", "/api/v1/x")).rejects.toMatchObject({ message: "没有权限" });
  expect(asked).toHaveLength(1);
  stop();
});
