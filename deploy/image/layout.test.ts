import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  bytesOf,
  DATA,
  extentIn,
  extentOf,
  IMAGE_BYTES,
  PARTITIONS,
  type Partition,
  partitionTable,
  SECTOR_BYTES,
  STICK_PARTITIONS,
} from "./layout.ts";

test("partitions follow each other without a gap, aligned to a mebibyte, and leave room for the table's backup", () => {
  const extents = PARTITIONS.map(({ name }) => extentOf(name));
  for (const [index, { firstSector, sectors }] of extents.entries()) {
    expect(firstSector % 2048).toBe(0);
    const next = extents[index + 1]?.firstSector ?? IMAGE_BYTES / SECTOR_BYTES - 2048;
    expect(firstSector + sectors).toBe(next);
  }
});

test("both systems have the same room", () => {
  expect(extentOf("root-a").sectors).toBe(extentOf("root-b").sectors);
});

test("the data partition is of a type that no other is: the box would take that one for it", () => {
  expect(PARTITIONS.map(({ type }) => type)).not.toContain(DATA.type);
});

test.each([
  ["box", PARTITIONS],
  ["stick that installs one", STICK_PARTITIONS],
])("sfdisk makes of the table of a %s what the layout says", (_, partitions: readonly Partition[]) => {
  const folder = mkdtempSync(join(tmpdir(), "layout-"));
  try {
    const disk = join(folder, "disk.img");
    writeFileSync(disk, "");
    truncateSync(disk, bytesOf(partitions));
    execFileSync("/sbin/sfdisk", ["--quiet", disk], { input: partitionTable(partitions) });
    const { partitiontable } = JSON.parse(
      execFileSync("/sbin/sfdisk", ["--json", disk], { encoding: "utf8" }),
    ) as {
      readonly partitiontable: {
        readonly label: string;
        readonly partitions: readonly {
          readonly start: number;
          readonly size: number;
          readonly type: string;
          readonly name: string;
        }[];
      };
    };
    expect(partitiontable.label).toBe("gpt");
    expect(
      partitiontable.partitions.map(({ name, size, start, type }) => ({ name, size, start, type })),
    ).toEqual(
      partitions.map(({ name, type }) => {
        const { firstSector, sectors } = extentIn(partitions, name);
        return { name, type, start: firstSector, size: sectors };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what a stick has before its own system is where a box has it: GRUB's core is one for both", () => {
  for (const name of ["bios", "esp"] as const)
    expect(extentIn(STICK_PARTITIONS, name)).toEqual(extentOf(name));
});
