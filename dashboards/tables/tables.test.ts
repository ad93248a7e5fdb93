import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timeZone } from "@campus-ops/device-profiles/vocabulary";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { openFolder, title, world } from "../api/testing/world.ts";
import { ROWS_MAX, sheetOf, workbook } from "./workbook.ts";

/** What an independent reader finds: by sheet, rows of [type, value, number format]. */
type Found = Readonly<Record<string, readonly (readonly [type: string, value: unknown, format: string])[][]>>;

const READER = `
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
cell = lambda c: [c.data_type, c.value.isoformat() if c.is_date and c.value else c.value, c.number_format]
print(json.dumps({s.title: [[cell(c) for c in r] for r in s.iter_rows()] for s in book}))
`;

let folder: string;
let close: () => Promise<void>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tables-"));
  close = await openFolder();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await close();
});

function read(file: Uint8Array): Found {
  const path = join(folder, "table.xlsx");
  writeFileSync(path, file);
  const { stdout, stderr } = spawnSync("/usr/bin/python3", ["-W", "ignore", "-c", READER, path], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Found;
}

// The reader is another program, started anew for each file.
describe("a workbook", { timeout: 60_000 }, () => {
  const rows = [
    {
      name: '=HYPERLINK("http://x","点我")',
      count: 3,
      part: 0.125,
      at: Date.UTC(2026, 10, 22, 16, 30),
      took: 5_400_000,
    },
    { name: "+1", count: Number.NaN, part: undefined, at: undefined, took: undefined },
    { name: "@SUM(1)\u0007\ud800 <&>", count: -1, part: 1, at: 0, took: 0 },
  ];
  const sheet = sheetOf({
    title: { zh: "设备[1]/清单: 超过三十一个字符的标题也不会使表格程序无法打开这个文件的名称", en: "list" },
    rows,
    columns: [
      { title: { zh: "名称", en: "name" }, kind: "text", of: ({ name }) => name },
      { title: { zh: "数量", en: "count" }, kind: "number", of: ({ count }) => count },
      { title: { zh: "比例", en: "share" }, kind: "share", of: ({ part }) => part },
      { title: { zh: "时间", en: "at" }, kind: "time", of: ({ at }) => at },
      { title: { zh: "用时", en: "took" }, kind: "duration", of: ({ took }) => took },
      { title: { zh: "足够", en: "enough" }, kind: "yes", of: ({ count }) => count === 3 },
    ],
  });

  test("has numbers as numbers, times as times of the site's clock, and texts as texts whatever they begin with", async () => {
    const [[name, cells] = ["", []]] = Object.entries(read(await workbook([sheet], "zh")));
    expect(name).toHaveLength(31);
    const [head, first, second, third] = cells;
    expect(head?.map(([, value]) => value)).toEqual(["名称", "数量", "比例", "时间", "用时", "足够"]);
    expect(first).toEqual([
      ["s", '=HYPERLINK("http://x","点我")', "General"],
      ["n", 3, "General"],
      ["n", 0.125, "0.0%"],
      ["d", "2026-11-23T00:30:00", "yyyy-mm-dd hh:mm:ss"],
      ["n", 1.5, "0.00"],
      ["b", true, "General"],
    ]);
    expect(second?.map(([type, value]) => [type, value]).slice(0, 4)).toEqual([
      ["s", "+1"],
      ["n", null],
      ["n", null],
      ["n", null],
    ]);
    const abroad = Object.values(read(await workbook([sheet], "zh", timeZone("Europe/Berlin"))))[0];
    expect(abroad?.[1]?.[3]?.[1]).toBe("2026-11-22T17:30:00");
    expect(third?.[0]?.[1]).toMatch(/^@SUM\(1\)\ufffd? <&>$/);
  });

  test("says how many rows it leaves out", async () => {
    const many = sheetOf({
      title: { zh: "多", en: "many" },
      rows: Array.from({ length: ROWS_MAX + 7 }, (_, index) => index),
      columns: [{ title: { zh: "数", en: "n" }, kind: "number", of: (each) => each }],
    });
    const cells = read(await workbook([many], "en")).many;
    expect(cells).toHaveLength(ROWS_MAX + 2);
    expect(cells?.at(-1)?.[0]?.[1]).toBe("7 more rows are left out: ask for less");
  });
});

describe("tables to take away", { timeout: 60_000 }, () => {
  const RANGE = "from=1&to=2";
  const table = async (url: string, path: string, language = "zh") => {
    const answer = await fetch(`${url}/api/v1${path}`, { headers: { "accept-language": language } });
    expect(answer.status, path).toBe(200);
    expect(answer.headers.get("content-disposition")).toContain(".xlsx");
    return read(new Uint8Array(await answer.arrayBuffer()));
  };

  test("hold what the API answers, in the reader's language, and are written down", async () => {
    const { url, audited } = await world();
    const devices = await table(url, "/devices.xlsx");
    expect(devices.设备?.[1]?.map(([, value]) => value)).toEqual([
      "first/box/gate",
      "gate",
      "通道闸机",
      "access-gate/generic-modbus",
      "990100/990102/first/a/1/gate",
      "完好",
      "1970-01-01T08:00:00.001000",
      null,
    ]);
    const use = await table(url, `/use.xlsx?${RANGE}`, "en");
    const [head, first] = use["utilisation of special rooms"] ?? [];
    const at = head?.findIndex(([, value]) => value === "utilisation") ?? -1;
    expect(first?.[at]?.[2]).toBe("0.0%");
    const standard = await table(url, `/standards/handan/report.xlsx?campus=first&${RANGE}`);
    expect(Object.keys(standard)).toEqual(["概要", "条目", "检查", "记录", "结论变化"]);
    expect(standard.结论变化?.[1]?.[2]?.[1]).toBe("达标");
    const health = await table(url, `/health.xlsx?${RANGE}`);
    expect(health.按型号?.[1]?.slice(0, 2).map(([, value]) => value)).toEqual([1, "摄像机"]);
    expect(health.教室带宽?.[1]?.map(([, value]) => value)).toEqual([
      "一 301",
      "990100/990102/first/a/3/301",
      1_000,
      "first/box/switch 1",
      30,
      31,
      null,
      1,
    ]);
    expect(health.带宽汇总?.[1]?.slice(2, 7).map(([, value]) => value)).toEqual([3, 2, 1, 1 / 3, 2 / 3]);
    expect(audited.map(({ action, table: name }) => [action, name])).toEqual([
      ["table.export", "devices"],
      ["table.export", "use"],
      ["table.export", "handan-first"],
      ["table.export", "health"],
    ]);
  });

  test("end where the caller's places end", async () => {
    const grants = everyRoleAt("990100/990121");
    const { url } = await world(() => ({ user: "west", title: title("west"), grants }));
    expect((await table(url, "/devices.xlsx")).设备?.map(([key]) => key?.[1])).toEqual([
      "编号",
      "third/box/gate",
    ]);
    const elsewhere = await fetch(`${url}/api/v1/standards/handan/report.xlsx?campus=first&${RANGE}`);
    expect(elsewhere.status).toBe(404);
  });
});
