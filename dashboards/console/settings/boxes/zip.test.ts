import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 as checksumOfZlib } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32, zipOf } from "./zip.ts";

test("Python unpacks what was packed: folders, Chinese names, empty files", () => {
  const folder = mkdtempSync(join(tmpdir(), "zip-"));
  try {
    const file = join(folder, "boxes.zip");
    const entries = [
      { name: "first/box-1/edge.conf", text: "hub=hub.example:8884\r\n# 一号盒\r\n" },
      { name: "说明-README.txt", text: "放入 EDGECFG 盘" },
      { name: "empty", text: "" },
    ];
    writeFileSync(file, zipOf(entries, new Date(2026, 10, 22, 8, 30)));
    execFileSync("python3", ["-m", "zipfile", "-e", file, folder]);
    for (const { name, text } of entries) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
    expect(execFileSync("python3", ["-m", "zipfile", "-l", file]).toString()).toContain("2026-11-22 08:30");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the checksum is zlib's", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32(bytes) === checksumOfZlib(bytes)),
  );
});
