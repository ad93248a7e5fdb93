/** What runs before there is a system runs with klibc's few programs: one that is missing stops nothing, and is said to nobody. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SCRIPTS = join(import.meta.dirname, "files/etc/initramfs-tools/scripts");

/** Programs of Debian 12's klibc-utils, below /usr/lib/klibc/bin. */
const KLIBC =
  "cat chroot cpio dd dmesg false fstype gunzip gzip halt insmod ipconfig kill kinit ln losetup ls minips mkdir mkfifo mknod mount mv nfsmount nuke pivot_root poweroff readlink reboot resume run-init sh sleep sync true umount uname zcat";
/** Of /scripts/functions, of kmod, and of the shell itself. */
const OTHERS = "panic modprobe exit . : [ if then else fi case esac for in do done while !";
const THERE = new Set([...KLIBC.split(" "), ...OTHERS.split(" ")]);

/** The first word of every command, where a script is written as plainly as these are. */
function programs(script: string): readonly string[] {
  return script
    .replaceAll(/^\s*#.*$/gm, "")
    .replaceAll("\\\n", " ")
    .split(/\n|;|\|\||&&|\||\b(?:if|then|else|do|while)\b|(?<=\))/)
    .map((command) => command.trim().split(/\s+/)[0] ?? "")
    .filter((word) => word !== "" && !word.endsWith(")") && !/^\w+=/.test(word));
}

test("a program of a larger system is found in a script", () => {
  const script = 'case "$1" in prereqs) exit 0 ;; esac\nif [ -e /x ]; then\n  [ -s /y ] || cp /y /z\nfi\n';
  expect(programs(script).filter((word) => !THERE.has(word))).toEqual(["cp"]);
});

test("scripts of the initial RAM file system name programs that are in it", () => {
  const files = readdirSync(SCRIPTS, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const { name, parentPath } of files) {
    const run = programs(readFileSync(join(parentPath, name), "utf8"));
    expect(run.length).toBeGreaterThan(0);
    expect([name, run.filter((word) => !THERE.has(word))]).toEqual([name, []]);
  }
});
