import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolder, type World, world } from "./testing/world.ts";

let close: () => Promise<void>;
let site: World;
const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${site.url}/api/v1${path}`, { headers });

beforeEach(async () => {
  close = await openFolder();
  site = await world();
});
afterEach(() => close());

test("a list that has not changed is answered without its content to whoever has it", async () => {
  const first = await ask("/devices");
  const tag = first.headers.get("etag") ?? "";
  expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
  const again = await ask("/devices", { "if-none-match": `"other", ${tag}` });
  expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", tag]);
  expect((await ask("/devices", { "if-none-match": '"other"' })).status).toBe(200);
  expect((await ask("/devices?metrics=none", { "if-none-match": tag })).headers.get("etag")).not.toBe("");
});

test("another list has another tag, and what is no list, or no success, has none", async () => {
  const all = (await ask("/devices")).headers.get("etag");
  expect((await ask("/devices?scope=990100/990121")).headers.get("etag")).not.toBe(all);
  expect((await ask("/devices/first/box/nobody")).headers.get("etag")).toBeNull();
  expect((await ask("/device-notes.csv")).headers.get("etag")).toBeNull();
});
