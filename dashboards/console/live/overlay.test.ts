import { expect, test } from "vitest";
import { Overlay } from "./overlay.ts";

test("what was streamed during a fetch wins over what the fetch brought", () => {
  const overlay = new Overlay<string>();
  const mark = overlay.mark();
  overlay.note("a", "streamed");
  expect([...overlay.over(mark, new Map([["a", "fetched"]]))]).toEqual([["a", "streamed"]]);
});

test("what was streamed before a fetch gives way to what the fetch brought", () => {
  const overlay = new Overlay<string>();
  overlay.note("a", "streamed");
  const merged = overlay.over(overlay.mark(), new Map([["a", "fetched"]]));
  expect(merged.get("a")).toBe("fetched");
});

test("something that first appeared during the fetch is there, though the fetch knew nothing of it", () => {
  const overlay = new Overlay<string>();
  const mark = overlay.mark();
  overlay.note("new", "streamed");
  expect(overlay.over(mark, new Map()).get("new")).toBe("streamed");
});
