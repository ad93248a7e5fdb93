import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PART_BYTES_MAX, type PicturePart, partsOf } from "@campus-ops/broker/sparkplug";
import { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PictureShelf } from "./shelf.ts";

const NODE = "school/box-1";
const CAMERA = `${NODE}/camera`;
const AT = Date.UTC(2026, 10, 22);
const DAY = 86_400_000;

let folder: string;
let shelf: PictureShelf;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shelf-"));
  shelf = new PictureShelf(folder);
});
afterEach(() => {
  shelf.close();
  rmSync(folder, { recursive: true });
});

function jpeg(fill: number, length = 2 * PART_BYTES_MAX + 1): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(length - 2, fill)]);
}
const hash = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
function parts(request: string, data: Buffer, takenAt = AT): readonly PicturePart[] {
  return partsOf({ request, sha256: hash(data), contentType: "image/jpeg", takenAt, data });
}
const ask = (id: string): void => shelf.ask({ id, device: CAMERA, kind: "snapshot", at: AT }, AT);
const files = (): string[] => readdirSync(join(folder, "pictures"));
const take = (each: readonly PicturePart[], from = NODE) =>
  each.map((part) => shelf.takePart(part, from, AT));

test("a picture is there when its last part is, in any order and over a restart, and only the hub can read it", async () => {
  const data = jpeg(1);
  ask("a");
  const [first, second, third] = parts("a", data);
  if (first === undefined || second === undefined || third === undefined) throw new Error("three parts");
  expect(take([third, first, first])).toEqual(["kept", "kept", "kept"]);
  expect([shelf.isComing("a"), shelf.request("a")?.state, await shelf.content("a")]).toEqual([
    true,
    "asked",
    undefined,
  ]);
  shelf.close();
  shelf = new PictureShelf(folder);
  expect(take([second])).toEqual(["settled"]);
  expect(shelf.request("a")).toMatchObject({
    state: "taken",
    sha256: hash(data),
    bytes: data.length,
    takenAt: AT,
  });
  expect(shelf.request("a")).not.toHaveProperty("recorder");
  expect(await shelf.content("a")).toEqual(data);
  expect(statSync(join(folder, "pictures", `${hash(data)}.jpg`)).mode & 0o777).toBe(0o600);
  expect(shelf.isComing("a")).toBe(false);
});

test("the first picture that is whole stays, though the camera was asked twice and took two", async () => {
  const one = jpeg(1);
  const other = jpeg(2);
  ask("a");
  take(parts("a", one).slice(0, 2));
  expect(take(parts("a", other))).toEqual(["kept", "kept", "settled"]);
  expect(take(parts("a", one))).toEqual(["unexpected", "unexpected", "unexpected"]);
  expect(await shelf.content("a")).toEqual(other);
  expect(files()).toHaveLength(1);
});

test("a clip is kept as what it is, and neither kind is taken for the other", async () => {
  const data = Buffer.alloc(PART_BYTES_MAX + 1, 5);
  const recorder = DeviceId("nvr");
  const whole = { request: "c", sha256: hash(data), contentType: "video/mp4", takenAt: AT, recorder, data };
  const clip = partsOf(whole);
  shelf.ask({ id: "c", device: CAMERA, kind: "clip", at: AT }, AT);
  expect(take(parts("c", jpeg(1)))).toEqual(["unexpected", "unexpected", "unexpected"]);
  expect(take(clip)).toEqual(["kept", "settled"]);
  expect(shelf.request("c")).toMatchObject({
    kind: "clip",
    state: "taken",
    contentType: "video/mp4",
    recorder: `${NODE}/nvr`,
  });
  expect([await shelf.content("c"), files()]).toEqual([data, [`${hash(data)}.mp4`]]);
  ask("a");
  expect(take(clip.map((part) => ({ ...part, request: "a" })))).toEqual(["unexpected", "unexpected"]);
  expect([shelf.forget(AT + DAY), files()]).toEqual([1, []]);
});

test("what nobody asked of that edge box changes nothing", () => {
  ask("a");
  expect(take(parts("a", jpeg(1)), "school/box-2")).toEqual(["unexpected", "unexpected", "unexpected"]);
  expect(take(parts("b", jpeg(1)))).toEqual(["unexpected", "unexpected", "unexpected"]);
  const refusal = { request: "a", reason: "failed", detail: "", at: AT } as const;
  expect(shelf.takeRefusal(refusal, "school/box-2")).toBe("unexpected");
  expect([shelf.request("a")?.state, files()]).toEqual(["asked", []]);
});

test("a picture that is not what it says to be is refused", () => {
  ask("a");
  const wrong = parts("a", jpeg(1)).map((part) => ({ ...part, sha256: hash(jpeg(2)) }));
  expect(take(wrong).at(-1)).toBe("settled");
  expect(shelf.request("a")).toMatchObject({ state: "refused", reason: "failed" });
  expect([files(), shelf.isComing("a")]).toEqual([[], false]);
});

test("who reads what was settled misses nothing, though a request is settled, asked again and settled again", () => {
  ask("a");
  shelf.refuse("a", { reason: "unreachable", detail: "away", since: AT - 5 }, AT);
  const [refused] = shelf.settledAfter(0, 10);
  expect(refused).toMatchObject({ id: "a", state: "refused", since: AT - 5, settled: 1 });
  ask("a");
  expect(shelf.settledAfter(0, 10)).toEqual([]);
  take(parts("a", jpeg(1)));
  expect(shelf.settledAfter(refused?.settled ?? 0, 10)).toMatchObject([{ id: "a", state: "taken" }]);
  ask("a");
  expect(shelf.request("a")?.state).toBe("taken");
});

test("pictures go when their time is over, and one file that two requests share goes with the last", () => {
  const data = jpeg(1, 100);
  for (const [id, takenAt] of [
    ["old", AT - 10 * DAY],
    ["new", AT],
  ] as const) {
    ask(id);
    take(parts(id, data, takenAt));
  }
  expect(shelf.forget(AT - 5 * DAY)).toBe(1);
  expect([shelf.request("old"), files().length]).toEqual([undefined, 1]);
  expect(shelf.forget(AT + DAY)).toBe(1);
  expect(existsSync(join(folder, "pictures", `${hash(data)}.jpg`))).toBe(false);
});

test("neither parts that never became whole nor pictures outgrow their bounds: the oldest give way", () => {
  shelf.close();
  shelf = new PictureShelf(folder, { incomingBytes_max: 3 * PART_BYTES_MAX, shelfBytes_max: 250 });
  for (const id of ["a", "b", "c"]) {
    ask(id);
    take(parts(id, jpeg(id.charCodeAt(0))).slice(0, 2));
  }
  expect(["a", "b", "c"].map((id) => shelf.isComing(id))).toEqual([false, false, true]);
  for (const [index, id] of ["d", "e", "f"].entries()) {
    ask(id);
    take(parts(id, jpeg(index, 100), AT + index));
  }
  expect(shelf.forget(0)).toBe(1);
  expect([shelf.request("d"), files().length]).toEqual([undefined, 2]);
});
