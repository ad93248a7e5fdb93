/** Bundles that were really made and signed, and RAUC's own opinion of them; only writing a slot needs a box (`npm run faults -- image`). */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBundle } from "../bundle.ts";
import { certificateFile, makeIntermediate, makeRelease, makeRoot } from "../keys.ts";
import { KEYRING, systemConfiguration } from "../rauc-files.ts";
import type { Code, Memory, State, Update } from "./core/contract.ts";
import { Installer, type InstallerParts } from "./installer.ts";
import { raucCommand, type Said } from "./rauc.ts";
import { signedAfter } from "./signing-time.ts";

const DAY_MS = 86_400_000;
const NOW = Date.now();
const IMAGE = { compatible: "campus-ops-edge-amd64", version: "0.1.0", built: new Date(NOW).toISOString() };
const RUNNING = { slot: "A", version: "0.1.0" } as const;

let folder: string;
let place: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bundles-"));
  place = join(folder, "files");
  mkdirSync(place);
  const ours = await keys("ours", { now: NOW });
  writeFileSync(join(folder, "system"), Buffer.alloc(40_960, 3));
  bundle("good", ours);
  bundle("other", ours, { compatible: "campus-ops-edge-arm64" });
  bundle("old", ours, { version: "0.0.9" });
  bundle("same", ours, { version: "0.1.0" });
  bundle("foreign", await keys("foreign", { now: NOW }));
  bundle("expired", await keys("expired", { now: NOW - 5 * DAY_MS, days: 2 }, ours));
  bundle("early", await keys("early", { now: NOW + 5 * DAY_MS }, ours));
  const good = readFileSync(file("good"));
  const changed = Buffer.from(good);
  changed.write("version=0.3.0", changed.lastIndexOf("version=0.2.0"));
  writeFileSync(file("changed"), changed);
  writeFileSync(file("short"), good.subarray(0, -1_000));
  writeFileSync(file("empty"), "");
  symlinkSync(file("good"), file("link"));
  writeFileSync(
    join(folder, "system.conf"),
    systemConfiguration("amd64").replace(KEYRING, certificateFile(ours, "root")),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(place, `${name}.raucb`);

/** A root, an intermediate and a release of their own; or a release below `others`. */
async function keys(name: string, signed: { now: number; days?: number }, others?: string): Promise<string> {
  const to = join(folder, name);
  mkdirSync(to);
  if (others === undefined) {
    await makeRoot(to, { name: "Root", now: NOW });
    await makeIntermediate(to, { name: "Intermediate", now: NOW - 10 * DAY_MS });
  } else
    for (const each of ["root.crt", "intermediate.crt", "intermediate.key"])
      copyFileSync(join(others, each), join(to, each));
  await makeRelease(to, { name: "Release", ...signed });
  return to;
}

function bundle(
  name: string,
  signedBy: string,
  content: { compatible?: string; version?: string } = {},
): void {
  const usual = { compatible: IMAGE.compatible, version: "0.2.0", built: IMAGE.built };
  writeBundle({ ...usual, ...content, system: join(folder, "system"), keys: signedBy, to: file(name) });
}

/** A box whose RAUC gives its own opinion, and writes what the test says. */
class Box {
  readonly told: Update[] = [];
  readonly installer: Installer;
  memory: Memory = { update: { state: "idle", running: RUNNING, at: IMAGE.built } };
  readonly marks: string[] = [];
  restarts = 0;
  clock = "set";

  constructor(writes: Said = { isDone: true, text: "" }, more: Partial<InstallerParts> = {}) {
    this.installer = new Installer({
      image: IMAGE,
      folders: [place],
      rauc: {
        ...raucCommand([`--conf=${join(folder, "system.conf")}`]),
        install: async (_, onPercent) => {
          onPercent(40);
          return writes;
        },
        mark: (as, which) => {
          this.marks.push(`${as} ${which}`);
          return { isDone: true, text: "" };
        },
      },
      written: (slot) => {
        expect(slot).toBe("B");
        return { ...IMAGE, version: this.memory.update.target ?? "" };
      },
      memory: () => this.memory,
      keep: (memory) => {
        this.memory = memory;
        this.told.push(memory.update);
      },
      now: () => IMAGE.built,
      hasBroker: async () => true,
      catchUp: () => false,
      pause: async () => undefined,
      restart: () => {
        this.restarts += 1;
      },
      ...more,
    });
  }

  async install(name: string, more: object = {}): Promise<Update> {
    expect(this.installer.ask(JSON.stringify({ install: file(name), ...more }))).toEqual({ accepted: true });
    await this.installer.idle();
    return this.memory.update;
  }

  get states(): readonly State[] {
    return this.told.map(({ state }) => state);
  }
}

test("a good bundle is checked, written, and the box restarts into it", async () => {
  const box = new Box();
  expect(await box.install("good")).toMatchObject({ state: "restarting", target: "0.2.0", running: RUNNING });
  expect(box.states).toEqual(["checking", "checking", "installing", "installing", "waiting", "restarting"]);
  expect(box.told.map(({ percent }) => percent)).toContain(40);
  expect(box.memory).toMatchObject({ into: "B", hadBroker: true });
  expect(box.restarts).toBe(1);
});

test("the restart can be left to somebody else, who asks for it later", async () => {
  const box = new Box();
  expect(box.installer.ask('{"restart":true}')).toMatchObject({ accepted: false, code: "bad-request" });
  expect((await box.install("good", { restart: false })).state).toBe("waiting");
  expect(box.restarts).toBe(0);
  expect(box.installer.ask('{"restart":true}')).toEqual({ accepted: true });
  await box.installer.idle();
  expect(box.restarts).toBe(1);
});

test.each([
  ["other", "wrong-compatible", "arm64"],
  ["old", "older-version", "0.0.9"],
  ["same", "same-version", "0.1.0"],
  ["foreign", "bad-signature", "local issuer"],
  ["expired", "certificate-expired", "expired"],
  ["early", "bad-signature", "not yet valid"],
  ["changed", "bad-signature", "verification failure"],
  ["short", "not-a-bundle", "Signature size"],
  ["empty", "not-a-bundle", "Invalid bundle"],
] as const)(
  "a bundle that is %s is refused as %s, and nothing is written",
  async (name, code: Code, detail) => {
    const box = new Box();
    const update = await box.install(name);
    expect(update).toMatchObject({ state: "refused", code });
    expect(update.message?.en).toContain(detail);
    expect(update.message?.zh).toContain(detail);
    expect(box.states).not.toContain("installing");
    expect(box.restarts).toBe(0);
  },
);

test("a box that does not know the time takes it from a certificate whose chain is good, and from no other", async () => {
  const after = signedAfter(file("early"));
  expect(Math.abs(after - (NOW + 5 * DAY_MS))).toBeLessThan(DAY_MS);
  const asked: string[] = [];
  const catchUp = (bundle_: string): boolean => {
    asked.push(bundle_);
    return true;
  };
  await new Box(undefined, { catchUp }).install("early");
  expect(asked).toEqual([file("early")]);
  await new Box(undefined, { catchUp }).install("foreign");
  expect(asked).toHaveLength(1);
});

test("what RAUC could not write is told in its words, and the box stays as it is", async () => {
  const box = new Box({ isDone: false, text: "LastError: Installation error: No space left on device\n" });
  expect(await box.install("good")).toMatchObject({
    state: "failed",
    code: "install-failed",
    message: { en: expect.stringContaining("No space left on device") },
  });
  expect(box.restarts).toBe(0);
});

test("a file that was exchanged between its check and its writing is found in the slot, which is void then", async () => {
  const box = new Box(undefined, { written: () => ({ ...IMAGE, version: "0.0.9" }) });
  expect(await box.install("good")).toMatchObject({ state: "failed", code: "bundle-exchanged" });
  expect([box.marks, box.restarts]).toEqual([["bad other"], 0]);
  const unread = new Box(undefined, {
    written: () => {
      throw new Error("no squashfs");
    },
  });
  expect(await unread.install("good")).toMatchObject({ state: "failed", code: "install-failed" });
  expect([unread.marks, unread.restarts]).toEqual([["bad other"], 0]);
});

test("while one is under way another is not begun, and after it one is", async () => {
  const box = new Box();
  const first = box.install("good", { restart: false });
  expect(box.installer.ask(JSON.stringify({ install: file("good") }))).toMatchObject({ code: "busy" });
  await first;
  expect((await box.install("old")).code).toBe("older-version");
});

test.each(["link", "missing"])("a %s is no bundle to begin with", (name) => {
  const box = new Box();
  expect(box.installer.ask(JSON.stringify({ install: file(name) }))).toMatchObject({ code: "bad-request" });
  expect(box.told).toEqual([]);
});
