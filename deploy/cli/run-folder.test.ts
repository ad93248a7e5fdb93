import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SOCKET_PATH_BYTES_MAX } from "@campus-ops/service";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRunFolder, runFolder, SOCKET_NAME_BYTES_MAX } from "./run-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("sockets lie with the data where the path is short enough for one", () => {
  expect(runFolder("/srv/campus")).toBe("/srv/campus/run");
});

test("a long path, in Chinese too, gives a short folder, and always the same one", () => {
  const data = `/srv/${"临岚市".repeat(9)}`;
  expect(data.length).toBeLessThan(SOCKET_PATH_BYTES_MAX);
  const run = runFolder(data);
  expect(Buffer.byteLength(run) + SOCKET_NAME_BYTES_MAX).toBeLessThanOrEqual(SOCKET_PATH_BYTES_MAX);
  expect(runFolder(data)).toBe(run);
  expect(runFolder(`${data}2`)).not.toBe(run);
});

test("the folder is this user's alone, whatever it was before", () => {
  const run = join(folder, "run");
  makeRunFolder(run);
  expect(statSync(run).mode & 0o777).toBe(0o700);
});

test("a link that somebody laid in its place is refused", () => {
  const run = join(folder, "link");
  symlinkSync(folder, run);
  expect(() => makeRunFolder(run)).toThrow("set CAMPUS_OPS_RUN to a folder of your own");
});
