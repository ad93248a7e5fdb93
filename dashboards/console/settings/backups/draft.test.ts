import { describe, expect, test } from "vitest";
import { kindOf, placeOf, readBackup, recipientsIn, whereOf } from "./draft.ts";

describe("the section backup as it is edited", () => {
  test("is empty where hub.yaml has none, and keeps what this page does not know", () => {
    expect(readBackup(null)).toEqual({ to: [], recipients: [] });
    const before = { s3: "https://s3.example/b/x", credentialsFile: "secrets/s3", appendOnly: true };
    expect(placeOf("s3", { s3: "https://s3.example/b/y", region: "cn-north-1" }, before, 1)).toEqual({
      place: {
        s3: "https://s3.example/b/y",
        credentialsFile: "secrets/s3",
        region: "cn-north-1",
        appendOnly: true,
      },
      files: {},
    });
  });

  test("names its secrets as files, which another kind of place does not inherit", () => {
    const typed = { sftp: "sftp://hub@nas/backups", keyFile: " KEY\n", knownHostsFile: "nas ssh-ed25519 A" };
    const { files, place } = placeOf("sftp", typed, { folder: "/mnt" }, 2);
    expect(place).toEqual({
      sftp: "sftp://hub@nas/backups",
      keyFile: "settings:backup-2-key",
      knownHostsFile: "settings:backup-2-knownhosts",
    });
    expect(files).toEqual({
      "settings:backup-2-key": "KEY\n",
      "settings:backup-2-knownhosts": "nas ssh-ed25519 A\n",
    });
    expect([kindOf(place), whereOf(place)]).toEqual(["sftp", "sftp://hub@nas/backups"]);
    expect(placeOf("folder", { folder: "/mnt/nas" }, place, 2)).toEqual({
      place: { folder: "/mnt/nas" },
      files: {},
    });
  });

  test("takes recipients as people paste them", () => {
    expect(recipientsIn(" age1a\nage1b，age1c ")).toEqual(["age1a", "age1b", "age1c"]);
    expect(recipientsIn("")).toEqual([]);
  });
});
