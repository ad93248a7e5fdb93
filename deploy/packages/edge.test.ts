/**
 * The package as dpkg sees it, in a copy of this machine's root that is thrown away: installed, upgraded, refused when it
 * is older, removed, purged; and what is installed runs.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildEdgePackage, EDGE } from "./edge.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** Nothing but speed is asked of these packages. */
const QUICK = 1;
const TIMEOUT_MS = 120_000;

let folder: string;
const debs: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "packages-"));
  for (const version of ["0.1.0", "0.2.0"])
    debs.push(
      await buildEdgePackage({
        ...{ architecture: "amd64", to: folder, node: process.execPath, level: QUICK, version },
      }),
    );
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs lines of shell in a root that looks like this machine's and is gone afterwards. */
function inThrownAwayRoot(lines: readonly string[]): { readonly code: number | null; readonly said: string } {
  const script = [
    "set -e",
    // What is written goes to memory, and the machine's folders are beneath it.
    'mount -t tmpfs tmpfs "$0" && mkdir "$0/upper" "$0/work" "$0/root"',
    'mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"',
    'mount --bind "$1" "$0/root/mnt" && mount -t proc proc "$0/root/proc" && mount --bind /dev "$0/root/dev"',
    'ip link set lo up && exec chroot "$0/root" sh -c "$2"',
  ].join("\n");
  const mountpoint = join(folder, "root");
  mkdirSync(mountpoint, { recursive: true });
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    [
      "--mount",
      "--net",
      "--pid",
      "--fork",
      "bash",
      "-c",
      script,
      mountpoint,
      folder,
      ["set -e", ...lines].join("\n"),
    ],
    { encoding: "utf8", timeout: TIMEOUT_MS },
  );
  return { code: status, said: `${stdout}${stderr}` };
}

const install = (index: number): string => `dpkg -i /mnt/${debs[index]?.split("/").at(-1)}`;
const HOME = `/usr/lib/${EDGE}`;
const STATE = `/var/lib/${EDGE}`;

describe("the package of the edge agent", () => {
  test(
    "is installed, upgraded, refuses to go back, keeps its data when removed, and leaves nothing when purged",
    () => {
      const { code, said } = inThrownAwayRoot([
        install(0),
        `getent passwd ${EDGE} | grep -q nologin && echo user`,
        `stat -c "%a %G" /etc/campus-ops`,
        `mkdir -p ${STATE} && echo kept > ${STATE}/outbox.sqlite`,
        install(1),
        `grep -q 0.2.0 ${HOME}/package.json && echo upgraded`,
        `if ${install(0)}; then echo went back; fi`,
        `grep -q 0.2.0 ${HOME}/package.json && echo still`,
        `dpkg -r ${EDGE}`,
        `test ! -e ${HOME} && cat ${STATE}/outbox.sqlite`,
        `dpkg -P ${EDGE}`,
        `test ! -e ${STATE} && ! getent passwd ${EDGE} && echo clean`,
      ]);
      expect(code, said).toBe(0);
      expect(said).toContain(`750 ${EDGE}`);
      for (const word of ["user", "upgraded", "still", "kept", "clean"])
        expect(said.split("\n")).toContain(word);
      expect(said).toContain("version 0.2.0 is installed, which is newer than 0.1.0");
      expect(said).not.toContain("went back");
    },
    TIMEOUT_MS,
  );

  test(
    "brings what runs: the agent starts as its own user, with the Node and the serial binding of the package",
    () => {
      const profile = findProfile("access-gate/generic-modbus-controller")?.id;
      const title = { zh: "闸机", en: "Gate" };
      const device = { id: "gate-1", profile, title, at: "a/1", url: "modbus+rtu:///dev/ttyNONE?unit=1" };
      writeFileSync(
        join(folder, "edge.yaml"),
        JSON.stringify({
          campus: { id: "school", path: "990100/990102/school" },
          node: { id: "box-1", title },
          broker: { url: "mqtt://127.0.0.1:1" },
          primaryHost: "hub",
          devices: [device],
        }),
      );
      const environment = `CAMPUS_OPS_CONFIG=/mnt/edge.yaml CAMPUS_OPS_DATA=${STATE} CAMPUS_OPS_RUN=/run/${EDGE}`;
      const { code, said } = inThrownAwayRoot([
        `chmod o+rx /mnt && ${install(0)}`,
        `install -d -o ${EDGE} ${STATE} /run/${EDGE}`,
        "mv $(command -v node) /tmp/ || true",
        `(setpriv --reuid ${EDGE} --regid ${EDGE} --clear-groups env -i PATH=/usr/bin ${environment} ${HOME}/node ${HOME}/main.js > /tmp/log & echo $! > /tmp/pid)`,
        "for i in $(seq 300); do grep -q '\"ready\":true' /tmp/log && grep -q gate-1 /tmp/log && break; sleep 0.1; done",
        "kill $(cat /tmp/pid) || true",
        "cat /tmp/log",
      ]);
      expect(code, said).toBe(0);
      expect(said).toContain('"ready":true');
      // It looked for the line, by the native binding.
      expect(said).toMatch(/ttyNONE.*(No such file|ENOENT)|(No such file|ENOENT).*ttyNONE/);
    },
    TIMEOUT_MS,
  );

  test("has a unit that systemd finds in order, and little exposed", () => {
    cpSync(join(ROOT, `deploy/units/${EDGE}.service`), join(folder, `${EDGE}.service`));
    const { status, stderr, stdout } = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=20", "--no-pager", join(folder, `${EDGE}.service`)],
      { encoding: "utf8" },
    );
    expect(status, stdout.split("\n").at(-2) ?? "").toBe(0);
    // A directive that this systemd does not know is said here.
    expect(stderr).not.toContain("Unknown");
  });
});
