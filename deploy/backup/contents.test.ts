import { describe, expect, test } from "vitest";
import { ORDER, partOf } from "./contents.ts";

describe("what a backup holds of a data folder", () => {
  test.each([
    ["registry.sqlite", "database"],
    ["accounts.sqlite", "database"],
    ["journal/000000000000001.sqlite", "segment"],
    ["store/hot.duckdb", "store"],
    ["store/points/day=2026-09-01/points.parquet", "store"],
    ["evidence.key", "file"],
    ["rule-packs/own.yaml", "file"],
    ["node-red/flows.json", "file"],
    ["edge/qiyun-box-1/pseudonym.key", "file"],
    ["aging", "file"],
  ])("%s is a %s", (path, part) => expect(partOf(path)).toBe(part));

  test.each([
    "registry.sqlite-wal",
    "journal/000000000000001.sqlite-shm",
    "journal/writer.lock",
    "journal/000000000000001.sqlite.damaged-1788000000000",
    "hub.lock",
    "hub.pid",
    "disk-reserve",
    "run/ingest.sock",
    "logs/hub.jsonl",
    "backup/draft/registry.sqlite",
    "edge/qiyun-box-1/outbox.sqlite",
  ])("%s is left out", (path) => expect(partOf(path)).toBe("left"));

  test("the journal comes last, so that nothing is ahead of it", () => {
    expect(ORDER.at(-1)).toBe("segment");
  });
});
