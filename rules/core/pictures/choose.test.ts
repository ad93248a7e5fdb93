import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Camera, camerasFor } from "./choose.ts";

const CAMPUS = "990100/990102/school";
const camera = (id: string, at: string, more: Partial<Camera> = {}): Camera => ({
  key: `school/box-1/${id}`,
  title: { zh: id, en: id },
  path: `${CAMPUS}/${at}`,
  online: true,
  sees: [],
  ...more,
});
const button = { key: "school/box-1/panic-1", path: `${CAMPUS}/a/3/301` };
const chosen = (cameras: readonly Camera[], subject = button) =>
  camerasFor(subject, cameras).map(({ camera: { key }, why }) => [key.split("/").at(-1), why]);

describe("the camera for an alarm", () => {
  test("is the one that is declared to see the device, then its place, then the nearest by the asset tree", () => {
    const cameras = [
      camera("entrance", "a/1/lobby"),
      camera("corridor", "a/3/corridor-2"),
      camera("room", "a/3/301"),
      camera("wide", "a/3/302", { sees: [`${CAMPUS}/a`] }),
      camera("near", "a/2/201", { sees: [`${CAMPUS}/a/3`] }),
      camera("declared", "b/1/101", { sees: [button.key] }),
    ];
    expect(chosen(cameras)).toEqual([
      ["declared", "sees-device"],
      ["near", "sees-place"],
      ["wide", "sees-place"],
      ["room", "same-place"],
      ["corridor", "same-floor"],
      ["entrance", "same-building"],
    ]);
  });

  test("is never that of another room or another building", () => {
    const cameras = [
      camera("next-door", "a/3/302"),
      camera("below", "a/2/201"),
      camera("other", "b/3/corridor"),
      camera("yard", "yard"),
    ];
    expect(chosen(cameras)).toEqual([]);
  });

  test("is itself when a camera is what the alarm is about", () => {
    const subject = camera("one", "a/3/301");
    expect(chosen([camera("two", "a/3/301"), subject], subject)).toEqual([
      ["one", "itself"],
      ["two", "same-place"],
    ]);
  });

  test("is one that answers, if there is one at all", () => {
    const cameras = [camera("room", "a/3/301", { online: false }), camera("corridor", "a/3/corridor")];
    expect(chosen(cameras)).toEqual([
      ["corridor", "same-floor"],
      ["room", "same-place"],
    ]);
  });

  test("does not depend on the order in which cameras are known", () => {
    const places = ["a", "a/3", "a/3/301", "a/3/corridor", "a/1/lobby", "b/1/101"];
    const some = fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 0, max: 40 }),
        at: fc.constantFrom(...places),
        online: fc.boolean(),
        sees: fc.subarray([`${CAMPUS}/a`, `${CAMPUS}/a/3/301`, button.key]),
      }),
      { selector: ({ id }) => id, maxLength: 12 },
    );
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), (all, order) => {
        const cameras = all.map(({ id, at, ...more }) => camera(`c${id}`, at, more));
        const keyed = cameras.map((each) => [order.next().value, each] as const);
        const shuffled = keyed.toSorted(([a], [b]) => a - b).map(([, each]) => each);
        expect(chosen(shuffled)).toEqual(chosen(cameras));
      }),
    );
  });
});
