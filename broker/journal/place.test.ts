import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDocument } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { JOURNAL_SCHEMA, type JournalConfiguration, journalPlace } from "./place.ts";

const SCHEMA = { type: "object", properties: { journal: JOURNAL_SCHEMA } } as const;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "place-"));
  file = join(folder, "hub.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

function placeOf(yaml: string) {
  writeFileSync(file, yaml);
  return journalPlace(
    loadDocument<{ journal: JournalConfiguration }>(file, SCHEMA).value.journal,
    file,
    "/data",
  );
}

describe("where the journal is", () => {
  test("is the data folder unless the configuration says otherwise", () => {
    expect(placeOf("site: {}\n")).toEqual({ kind: "embedded", folder: "/data/journal" });
    expect(placeOf("journal: { kind: embedded }\n")).toEqual({ kind: "embedded", folder: "/data/journal" });
  });

  test("may be a stream on NATS, with a password from a file that only its owner reads", () => {
    writeFileSync(join(folder, "nats"), "secret\n", { mode: 0o600 });
    const yaml =
      "journal: { kind: jetstream, url: 'tls://nats:4222', username: hub, passwordFile: nats, caFile: ca.pem, replicas: 3 }\n";
    expect(placeOf(yaml)).toEqual({
      kind: "jetstream",
      access: { url: "tls://nats:4222", username: "hub", password: "secret", caFile: join(folder, "ca.pem") },
      stream: "CAMPUS_OPS_JOURNAL",
      replicas: 3,
    });
  });

  test.each([
    ["journal: { kind: jetstream }\n", 'hub.yaml:1: journal: lacks the field "url"'],
    ["journal:\n  kind: jetstream\n  url: http://x\n", "hub.yaml:3: journal.url: "],
    ["journal: { kind: jetstream, url: 'nats://x', passwordFile: gone }\n", "journal.passwordFile: "],
  ])("that cannot be is refused with its field: %s", (yaml, says) => {
    expect(() => placeOf(yaml)).toThrow(says);
  });
});
