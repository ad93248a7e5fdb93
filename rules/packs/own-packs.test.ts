import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadPacks, packsIn } from "./load.ts";
import { OWN_PACKS_MAX, OwnPacks, VERSIONS_MAX } from "./own-packs.ts";
import { sourceOf } from "./source.ts";

const text = "{ zh: 测, en: t }";
const rule = (id: string, condition = "{ state: { metric: Door/Open, is: [true] } }"): string =>
  `  - id: ${id}\n    version: 1\n    title: ${text}\n    priority: 3\n    selector: { class: [access-gate] }\n    condition: ${condition}\n    respondWithin: 5m\n    card: { cause: ${text}, consequence: ${text}, action: ${text} }\n`;
const pack = (...rules: readonly string[]): string => `pack: own\ntitle: ${text}\nrules:\n${rules.join("")}`;

let folder: string;
let packs: OwnPacks;
let reloads: number;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "own-packs-"));
  reloads = 0;
  now = 1_000;
  packs = new OwnPacks({
    folder,
    load: (instead) => {
      const others = packsIn(folder).filter((file) => file !== instead.file);
      const written = instead.text === undefined ? [] : [{ name: instead.file, text: instead.text }];
      return loadPacks([...others, ...written], {}, new Set());
    },
    reload: () => {
      reloads += 1;
      return [];
    },
    now: () => now,
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const onDisk = (name: string): string => readFileSync(join(folder, `${name}.yaml`), "utf8");

describe("a pack that is edited", () => {
  test("comes into force whole, and every version is kept with who wrote it", () => {
    const first = pack(rule("open"));
    const second = pack(rule("open"), rule("ajar"));
    expect(packs.write("夜间", first, "leader").text).toBe(first);
    now = 2_000;
    expect(packs.write("夜间", second, "admin").versions).toEqual([
      { at: 2_000, by: "admin" },
      { at: 1_000, by: "leader" },
    ]);
    expect(onDisk("夜间")).toBe(second);
    expect(packs.version("夜间", 1_000)).toBe(first);
    expect(reloads).toBe(2);
  });

  test("changes nothing when it is wrong, and says what is by line", () => {
    const right = pack(rule("open"));
    packs.write("night", right, "leader");
    const wrong = pack(rule("open", "{ state: { metric: Door/Opne, is: [true] } }"));
    expect(packs.check("night", wrong)).toMatchObject([
      {
        line: 9,
        field: expect.stringContaining("rules.0"),
        zh: expect.stringContaining("能力词典中没有指标"),
      },
    ]);
    expect(() => packs.write("night", wrong, "leader")).toThrow(/line 9/);
    expect(packs.check("night", "rules: [")[0]?.line).toBeGreaterThan(0);
    expect(onDisk("night")).toBe(right);
    expect(packs.get("night").versions).toHaveLength(1);
  });

  test("is told of another file that it does not go together with", () => {
    packs.write("one", pack(rule("open")), "leader");
    const [problem] = packs.check("two", pack(rule("open")));
    expect(problem).toMatchObject({
      en: expect.stringContaining("already has a rule called open"),
      zh: expect.stringContaining("已有名为 open 的规则"),
    });
  });

  test("that somebody put into the folder by hand is kept as a version before it is written over", () => {
    const byHand = pack(rule("by-hand"));
    writeFileSync(join(folder, "night.yaml"), byHand);
    now = Date.now() + 60_000;
    const { versions } = packs.write("night", pack(rule("open")), "leader");
    expect(versions.map(({ by }) => by)).toEqual(["leader", ""]);
    expect(packs.version("night", versions[1]?.at ?? 0)).toBe(byHand);
  });

  test("keeps so many versions and no more", () => {
    for (now = 1; now <= VERSIONS_MAX + 3; now += 1) packs.write("night", pack(rule(`v${now}`)), "leader");
    const { versions } = packs.get("night");
    expect(versions).toHaveLength(VERSIONS_MAX);
    expect(versions.at(-1)?.at).toBe(4);
  });
});

test("a pack is removed with its versions kept, unless another rule looks at its alarms", () => {
  packs.write("base", pack(rule("open")), "leader");
  const looks = pack(rule("both", "{ alarm: { rule: [open] } }")).replace("pack: own", "pack: other");
  packs.write("looks", looks, "leader");
  expect(() => packs.remove("base")).toThrow("looks.yaml:9: there is no rule open");
  packs.remove("looks");
  packs.remove("base");
  expect(packs.list()).toEqual([]);
  expect(packs.version("base", 1_000)).toContain("id: open");
  expect(() => packs.get("base")).toThrow(/no pack/);
});

test("a name that would leave the folder, or hide in it, is refused", () => {
  for (const name of ["../hub", "a/b", ".versions", "", "a\0b", "x.tests"])
    expect(() => packs.write(name, pack(rule("open")), "leader"), name).toThrow(/name/);
});

test("a hub keeps so many packs of its own and no more", () => {
  for (let index = 0; index < OWN_PACKS_MAX; index += 1)
    writeFileSync(join(folder, `p${index}.yaml`), pack(rule(`r${index}`)));
  expect(() => packs.write("one-more", pack(rule("more")), "leader")).toThrow(/at most/);
  expect(packs.list()).toHaveLength(OWN_PACKS_MAX);
});

test("a rule's own text is found in its pack, from its first line to the next rule's", () => {
  writeFileSync(join(folder, "two.yaml"), pack(rule("first"), rule("second")));
  const files = packsIn(folder);
  expect(sourceOf("first", files)).toEqual({
    file: join(folder, "two.yaml"),
    line: 4,
    text: rule("first").trimEnd(),
  });
  expect(sourceOf("second", files)?.text).toBe(rule("second").trimEnd());
  expect(sourceOf("third", files)).toBeUndefined();
});
