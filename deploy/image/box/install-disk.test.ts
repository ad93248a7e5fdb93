/** Which disk a stick takes, and what it does when stick or disk is broken; a whole one is a box's (`npm run image -- trial install-stick`). */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chooseDisk, DISK_BYTES_MIN, type Disk, eraseName, idOf, type Piece } from "./core/install-plan.ts";
import { REPORT_FILE, type Result, reportOf } from "./core/install-report.ts";
import { beginsWithNothing, disksOf, type Listed, partitionPath } from "./disks.ts";
import { WriteError, writePieces } from "./write-disk.ts";

const blank: Disk = {
  path: "/dev/sda",
  bytes: 64e9,
  model: "SATA SSD",
  id: "A1B2-C3",
  isBlank: true,
};
const used: Disk = { ...blank, isBlank: false };
const other: Disk = { ...used, path: "/dev/nvme0n1", id: "NV-7.0" };
const small: Disk = { ...blank, bytes: DISK_BYTES_MIN - 1 };

describe("the disk that is written", () => {
  test.each<[string, readonly Disk[], readonly string[], string]>([
    ["a blank one", [blank], ["README.txt"], "install /dev/sda"],
    ["a used one, until somebody says so", [used], [], "ask /dev/sda"],
    ["a used one that is named", [used], ["ERASE-A1B2-C3"], "install /dev/sda"],
    ["a used one that is named by what Notepad makes", [used], ["erase-a1b2-c3.txt"], "install /dev/sda"],
    ["of two the named one", [blank, other], ["ERASE-NV-7.0"], "install /dev/nvme0n1"],
    ["none of two, though one is blank", [blank, other], [], "ask /dev/sda /dev/nvme0n1"],
    [
      "none of two that are both named",
      [used, other],
      ["ERASE-NV-7.0", "ERASE-A1B2-C3"],
      "ask /dev/sda /dev/nvme0n1",
    ],
    ["none where another disk is named", [used], ["ERASE-A1B2"], "ask /dev/sda"],
    ["none where another disk is named and this one is blank", [blank], ["ERASE-X"], "install /dev/sda"],
    ["none that is too small", [small], ["ERASE-A1B2-C3"], "none /dev/sda"],
    ["none where there is none", [], [], "none"],
  ])("is %s", (_, disks, names, expected) => {
    const choice = chooseDisk(disks, names);
    const chosen =
      choice.kind === "install" ? [choice.disk] : choice.kind === "ask" ? choice.disks : choice.tooSmall;
    expect([choice.kind, ...chosen.map(({ path }) => path)].join(" ")).toBe(expected);
  });

  test("can be named by what its report says, whatever its maker calls it", () => {
    for (const [serial, name] of [
      [" S3Z9 NB0K/12 ", "sda"],
      ["", "mmcblk0"],
      ["0x6a.f", "mmcblk1"],
    ] as const) {
      const disk = { ...used, id: idOf(serial, name) };
      expect(chooseDisk([disk], [eraseName(disk)]).kind).toBe("install");
      expect(reportOf({ kind: "asked", disks: [disk] }, "")).toContain(`  ${eraseName(disk)}  `);
    }
  });

  test("is never the stick, nor another one, nor what cannot be written", () => {
    const listed = (more: Partial<Listed>): Listed => ({
      ...{ name: "sda", path: "/dev/sda", type: "disk", size: 64e9, model: " SSD ", serial: "S1" },
      ...{ tran: "sata", ro: false, pttype: null, fstype: null },
      ...more,
    });
    const part = listed({ name: "sdb3", path: "/dev/sdb3", type: "part" });
    const all = [
      listed({}),
      // A reader of cards that is not USB, and the stick is in it.
      listed({ name: "sdb", path: "/dev/sdb", tran: null, pttype: "gpt", children: [part] }),
      listed({ path: "/dev/sdc", tran: "usb" }),
      listed({ path: "/dev/sdd", ro: true }),
      listed({ path: "/dev/loop0", type: "loop" }),
      listed({ name: "fd0", path: "/dev/fd0", size: 4096, model: null, serial: null, tran: null }),
      listed({ name: "vda", path: "/dev/vda", model: null, serial: null, fstype: "crypto_LUKS" }),
    ];
    expect(disksOf(all, "/dev/sdb3", () => true)).toEqual([
      { path: "/dev/sda", bytes: 64e9, model: "SSD", id: "S1", isBlank: true },
      { path: "/dev/vda", bytes: 64e9, model: "", id: "vda", isBlank: false },
    ]);
    // What no program knows may be data.
    expect(disksOf([listed({})], "", () => false)[0]?.isBlank).toBe(false);
  });
});

test.each([
  ["/dev/sda", "/dev/sda3"],
  ["/dev/nvme0n1", "/dev/nvme0n1p3"],
  ["/dev/mmcblk0", "/dev/mmcblk0p3"],
])("the third partition of %s is %s", (disk, path) => {
  expect(partitionPath(disk, 3)).toBe(path);
});

test.each<Result>([
  { kind: "done", disk: blank, version: "0.1.0", hasSeed: true },
  { kind: "asked", disks: [used, other] },
  { kind: "no-disk", tooSmall: [small] },
  { kind: "stick-damaged", why: "start.zst" },
  { kind: "disk-damaged", why: "EIO" },
  { kind: "failed", why: "mount" },
])("a report says its code, Chinese before English, in lines that Notepad breaks: $kind", (result) => {
  const text = reportOf(result, "2026-11-22T03:25:00.000Z");
  expect(text).toMatch(new RegExp(`^\\ufeffCode: ${result.kind}\\r\\n2026`));
  expect(text.search(/[\u4e00-\u9fff]/)).toBeLessThan(text.search(/[a-z]{3,} [a-z]{2,} /));
  expect(text.replaceAll("\r\n", "")).not.toContain("\n");
});

test("the installer's page says in both languages what is on the stick, and what its report says", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/edge-image.md"), "utf8");
  const [, site = ""] = page.split("## On site");
  const [zh = "", en = ""] = (site.split("\n## ")[0] ?? "").split("In English:");
  for (const word of ["EDGESTICK", "edge.conf", REPORT_FILE, "Code: done", "Code: asked", "ERASE-"])
    for (const text of [zh, en]) expect(text).toContain(word);
  const stepsOf = (text: string) => [...text.matchAll(/^(\d)\. /gm)].map(([, number]) => number);
  expect(stepsOf(zh)).toEqual(stepsOf(en));
  expect(stepsOf(en)).toHaveLength(6);
});

describe("writing", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "write-disk-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const path = (name: string): string => join(folder, name);
  const [head, system] = [Buffer.alloc(3_000_000, "table"), Buffer.alloc(1_500_001, "system")];
  const piece = (from: string, at: number, bytes: Buffer): Piece => ({
    from,
    at,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });

  async function write(more: { readonly pieces?: readonly Piece[]; readonly forget?: () => void } = {}) {
    writeFileSync(path("start.zst"), zstdCompressSync(head));
    // The stick's partition is larger than what is in it.
    writeFileSync(path("system"), Buffer.concat([system, Buffer.alloc(5_000, "behind")]));
    writeFileSync(path("disk"), Buffer.alloc(6_000_000, "before"));
    const percents: number[] = [];
    await writePieces({
      pieces: [piece("system", 4_000_000, system), piece("start.zst", 0, head)],
      files: folder,
      system: path("system"),
      disk: path("disk"),
      forget: () => undefined,
      onPercent: (percent) => percents.push(percent),
      ...more,
    });
    return percents;
  }
  const failing = async (work: Promise<unknown>): Promise<string> =>
    await work.then(
      () => "written",
      (error: unknown) => (error instanceof WriteError ? error.code : String(error)),
    );

  test("puts each piece where it belongs, touches nothing else, and counts to the end", async () => {
    const percents = await write();
    const disk = readFileSync(path("disk"));
    expect(disk.subarray(0, head.length).equals(head)).toBe(true);
    expect(disk.subarray(4_000_000, 4_000_000 + system.length).equals(system)).toBe(true);
    const untouched = Buffer.alloc(6_000_000, "before");
    expect(disk.subarray(3_000_000, 4_000_000).equals(untouched.subarray(3_000_000, 4_000_000))).toBe(true);
    expect(disk.subarray(5_500_001).equals(untouched.subarray(5_500_001))).toBe(true);
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  });

  test("finds a stick that gives something else than was put on it", async () => {
    const wrong = { ...piece("system", 0, system), sha256: "0".repeat(64) };
    expect(await failing(write({ pieces: [wrong] }))).toBe("stick-damaged");
    const long = { ...piece("start.zst", 0, head), bytes: head.length - 1 };
    expect(await failing(write({ pieces: [long] }))).toBe("stick-damaged");
    expect(readFileSync(path("disk"))).toHaveLength(6_000_000);
    const short = { ...piece("system", 0, system), bytes: 9_000_000 };
    expect(await failing(write({ pieces: [short] }))).toBe("stick-damaged");
    expect(await failing(write({ pieces: [{ ...piece("disk", 0, head) }] }))).toBe("stick-damaged");
  });

  test("finds a disk that does not give back what was written", async () => {
    const fades = (): void => {
      const disk = readFileSync(path("disk"));
      disk[4_000_100] = 0;
      writeFileSync(path("disk"), disk);
    };
    expect(await failing(write({ forget: fades }))).toBe("disk-damaged");
    expect(await failing(write({ forget: () => truncateSync(path("disk"), 4_000_001) }))).toBe(
      "disk-damaged",
    );
  });

  test("takes a disk for blank only where it begins with nothing", () => {
    writeFileSync(path("blank"), Buffer.alloc(2_000_000));
    expect(beginsWithNothing(path("blank"))).toBe(true);
    writeFileSync(path("blank"), "x", { flag: "r+" });
    expect(beginsWithNothing(path("blank"))).toBe(false);
  });
});
