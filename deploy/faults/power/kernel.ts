/**
 * What a machine for power cuts boots from: Debian's kernel, and a first file system with one program that mounts the
 * rest. Both are made once and kept in `.faults`; nothing is installed.
 */
import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";

const FOLDER = resolve(import.meta.dirname, "../../../.faults/kernel");
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** In the order in which they need each other. */
const MODULES = [
  ...["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"],
  ...["virtio_blk", "failover", "net_failover", "virtio_net"],
  ...["crc16", "crc32c_generic", "libcrc32c", "mbcache", "jbd2", "ext4"],
  ...["netfs", "fscache", "9pnet", "9pnet_virtio", "9p"],
] as const;

/** The machine's own file system is this machine's, read only; all that it may write is its disk and its memory. */
const INIT = `#!/bin/busybox sh
for each in mkdir mount cat insmod chroot ip sed umount; do /bin/busybox ln -s busybox /bin/$each; done
mkdir -p /proc /sys /dev /machine
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for each in ${MODULES.join(" ")}; do
  if [ -e /modules/$each.ko ]; then insmod /modules/$each.ko; fi
done
word() { sed -n "s/.*power\\.$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline; }
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 machine /machine
mount -t proc proc /machine/proc
mount -t sysfs sysfs /machine/sys
mount -t devtmpfs dev /machine/dev
mount -t tmpfs run /machine/run
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
if [ "$(word first)" = yes ]; then chroot /machine /sbin/mkfs.ext4 -q -E nodiscard,lazy_itable_init=1,lazy_journal_init=1 /dev/vda || exit 1; fi
mount -t ext4 /dev/vda /machine/mnt || exit 1
cd /
exec chroot /machine /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run TMPDIR=/run \\
  "$(word node)" "$(word program)" "$(word control)"
`;

export interface Kernel {
  readonly kernel: string;
  readonly initrd: string;
}

/** Downloads where it is not there yet. Throws with what was said by who could not. */
export function debianKernel(): Kernel {
  const [kernel, initrd] = [join(FOLDER, "vmlinuz"), join(FOLDER, "initrd")];
  const work = join(FOLDER, "work");
  mkdirSync(work, { recursive: true });
  try {
    if (!existsSync(kernel) || !existsSync(join(FOLDER, "modules"))) fetchKernel(work, kernel);
    // Made anew each time: it is small, and INIT may have changed.
    makeInitrd(work, initrd);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return { kernel, initrd };
}

function fetchKernel(work: string, kernel: string): void {
  const depends = run("apt-cache", ["depends", "linux-image-amd64"]).toString();
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error("Debian's list of packages names no linux-image; apt-get update?");
  run("apt-get", ["download", name, "busybox-static"], { cwd: work });
  for (const file of readdirSync(work).filter((each) => each.endsWith(".deb")))
    run("dpkg-deb", ["-x", file, "root"], { cwd: work });
  const root = join(work, "root");
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
  mkdirSync(join(FOLDER, "modules"), { recursive: true });
  for (const path of paths.filter((each) => each.endsWith(".ko"))) {
    const name = basename(path, ".ko");
    if (MODULES.some((each) => each === name))
      copyFileSync(join(root, path), join(FOLDER, "modules", `${name}.ko`));
  }
  copyFileSync(join(root, "bin/busybox"), join(FOLDER, "busybox"));
  const found = paths.find((each) => each.startsWith("boot/vmlinuz"));
  if (found === undefined) throw new Error(`${name} has no kernel in it`);
  renameSync(join(root, found), kernel);
}

function makeInitrd(work: string, initrd: string): void {
  const root = join(work, "initrd");
  mkdirSync(join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "modules"));
  const busybox = join(FOLDER, "busybox");
  copyFileSync(busybox, join(root, "bin/busybox"));
  chmodSync(busybox, 0o755);
  chmodSync(join(root, "bin/busybox"), 0o755);
  for (const each of readdirSync(join(FOLDER, "modules")))
    copyFileSync(join(FOLDER, "modules", each), join(root, "modules", each));
  writeFileSync(join(root, "init"), INIT, { mode: 0o755 });
  const input = `${readdirSync(root, { recursive: true, encoding: "utf8" }).join("\n")}\n`;
  writeFileSync(initrd, run(busybox, ["cpio", "-o", "-H", "newc"], { cwd: root, input }));
}

function run(command: string, words: readonly string[], options: SpawnSyncOptions = {}): Buffer {
  const { error, status, stderr, stdout } = spawnSync(command, words, {
    ...options,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${error?.message ?? stderr}`);
  return Buffer.from(stdout);
}
