import { describe, expect, test } from "vitest";
import type { ChosenCamera } from "./choose.ts";
import {
  asksForPicture,
  type Circumstances,
  CLIP_AFTER_MS,
  CLIPS_A_MINUTE_MAX,
  isWorthSaying,
  nextStep,
  PICTURE_RETRY_MS,
  PICTURE_WAIT_MS,
  PICTURES_A_MINUTE_MAX,
  type Tried,
  type Wish,
} from "./request.ts";

const AT = Date.UTC(2026, 10, 22);
const chosen = (key: string): ChosenCamera => ({
  camera: { key, title: { zh: key, en: key }, path: "990100/990102/school/a/3/301", online: true, sees: [] },
  why: "same-place",
});
const wish = (more: Partial<Wish> = {}): Wish => ({
  raisedAt: AT,
  receivedAt: AT,
  late: false,
  tried: [],
  ...more,
});
const now = (more: Partial<Circumstances> = {}): Circumstances => ({
  now: AT + 1_000,
  kind: "snapshot",
  cameras: ["one", "two", "three", "four"].map(chosen),
  shared: () => undefined,
  askedLately: 0,
  ...more,
});
const away = (camera: string): Tried => ({ camera, reason: "unreachable", since: AT - 60_000 });

describe("the next step to a picture", () => {
  test("asks the nearest camera, then the next, and never more than three", () => {
    expect(nextStep(wish(), now())).toEqual({ kind: "ask", camera: "one", why: "same-place" });
    expect(nextStep(wish({ tried: [away("one")] }), now())).toMatchObject({ kind: "ask", camera: "two" });
    const tried = ["one", "two", "three"].map(away);
    expect(nextStep(wish({ tried }), now())).toEqual({ kind: "wait", until: AT + 1_000 + PICTURE_RETRY_MS });
  });

  test("waits for a camera that is away, for a bounded time, and then says since when it has been", () => {
    const tried = ["one", "two", "three"].map(away);
    const shortly = now({ now: AT + PICTURE_WAIT_MS - 1 });
    expect(nextStep(wish({ tried }), shortly)).toEqual({ kind: "wait", until: AT + PICTURE_WAIT_MS });
    expect(nextStep(wish({ tried }), now({ now: AT + PICTURE_WAIT_MS }))).toEqual({
      kind: "none",
      why: "same-place",
      camera: "one",
      reason: "unreachable",
      since: AT - 60_000,
    });
  });

  test("does not wait for what will never come", () => {
    const tried: readonly Tried[] = [{ camera: "one", reason: "unsupported" }];
    expect(nextStep(wish({ tried }), now({ cameras: [chosen("one")] }))).toMatchObject({
      kind: "none",
      reason: "unsupported",
    });
    expect(nextStep(wish(), now({ cameras: [] }))).toEqual({ kind: "none", reason: "no-camera" });
  });

  test("takes no picture of a moment that is long over", () => {
    expect(nextStep(wish({ late: true }), now())).toEqual({ kind: "none", reason: "late" });
    expect(nextStep(wish(), now({ now: AT + PICTURE_WAIT_MS }))).toEqual({ kind: "none", reason: "late" });
  });

  test("shares a picture that another alarm has asked for just now, also in a flood", () => {
    const shared = (camera: string) => (camera === "one" ? "request-1" : undefined);
    expect(nextStep(wish(), now({ shared, askedLately: PICTURES_A_MINUTE_MAX }))).toEqual({
      kind: "share",
      camera: "one",
      why: "same-place",
      request: "request-1",
    });
  });

  test("asks for fewer clips than pictures", () => {
    const clips = now({ kind: "clip", askedLately: CLIPS_A_MINUTE_MAX });
    expect(nextStep(wish(), clips)).toEqual({ kind: "none", reason: "flood" });
    expect(nextStep(wish(), { ...clips, kind: "snapshot" })).toMatchObject({ kind: "ask", camera: "one" });
  });

  test("does not photograph the whole school in a flood", () => {
    const step = nextStep(wish(), now({ askedLately: PICTURES_A_MINUTE_MAX }));
    expect(step).toEqual({ kind: "none", reason: "flood" });
  });
});

test("why there is none is said once: of the first picture, and of a clip where it is the clip alone that failed", () => {
  expect(isWorthSaying({ kind: "snapshot", after_ms: 0 }, "unreachable")).toBe(true);
  expect(isWorthSaying({ kind: "snapshot", after_ms: 5_000 }, "unreachable")).toBe(false);
  const clip = { kind: "clip", after_ms: CLIP_AFTER_MS } as const;
  const said = (["failed", "full", "unreachable", "no-answer", "flood"] as const).filter((reason) =>
    isWorthSaying(clip, reason),
  );
  expect(said).toEqual(["failed", "full"]);
});

test("a picture is wanted when an alarm begins to ring by itself, and not for a symptom or what people bring back", () => {
  const transition = { at: AT, from: "normal", occurrence: 1, by: "rule" } as const;
  const cases = [
    ["raise", "unacknowledged", true],
    ["raise", "latched", true],
    ["release", "unacknowledged", true],
    ["suppress", "suppressed-by-design", false],
    ["raise", "shelved", false],
    ["unshelve-active", "unacknowledged", false],
    ["acknowledge", "acknowledged", false],
  ] as const;
  for (const [event, to, wanted] of cases) {
    expect([event, to, asksForPicture({ ...transition, event, to })]).toEqual([event, to, wanted]);
  }
});
