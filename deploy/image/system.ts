/** The system that a slot holds: Debian, the agent's package, and what makes a box of them; read-only, one file. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "../packages/bundle.ts";
import type { Architecture } from "../packages/debian-package.ts";
import { EDGE } from "../packages/edge.ts";
import { run } from "./command.ts";
import { DATA } from "./layout.ts";
import { compatibleOf, KEYRING, systemConfiguration } from "./rauc-files.ts";

const FILES = join(import.meta.dirname, "files");
const UPDATE = join(import.meta.dirname, "box");
/** The same in every system: what lies on the data partition belongs to a number. */
const AGENT_ID = "880";

const GZIP_LEVEL = 6;

/** Beside what Debian and the agent's package enable. */
const ENABLED = [
  ...["systemd-networkd.service", "systemd-resolved.service", "systemd-timesyncd.service"],
  ...["campus-ops-update.socket", "campus-ops-prove.service", `${EDGE}.service`, "media-EDGECFG.mount"],
];
/** Nobody logs in, and nothing is updated but the whole. */
const MASKED = [
  ...["getty@.service", "serial-getty@.service", "systemd-firstboot.service", "systemd-repart.service"],
  ...["e2scrub_all.timer", "fstrim.timer", "grub-common.service", "rauc-mark-good.service"],
  ...["dpkg-db-backup.timer", "e2scrub_reap.service", "systemd-logind.service"],
];

export interface SystemOptions {
  readonly architecture: Architecture;
  /** Debian, a tar file. */
  readonly base: string;
  /** The agent's package. */
  readonly package: string;
  readonly version: string;
  /** ISO 8601; the box's clock is never before it. */
  readonly built: string;
  /** PEM of the roots that bundles are signed below. */
  readonly keyring: string;
  /** A folder laid over everything else: what a trial adds. */
  readonly over?: string;
  /** The image that is written. */
  readonly to: string;
}

/** Returns the Debian packages in it, name, tab and version, sorted. Needs root. */
export async function buildSystem(options: SystemOptions): Promise<readonly string[]> {
  const root = mkdtempSync(join(dirname(options.to), ".system-"));
  try {
    run("tar", ["-xf", options.base, "-C", root, "--numeric-owner"]);
    installPackage(root, options.package);
    await layFiles(root, options);
    makeInitialFileSystem(root);
    if (options.over !== undefined) cpSync(options.over, root, { recursive: true, verbatimSymlinks: true });
    const installed = run("dpkg-query", ["--admindir", join(root, "var/lib/dpkg"), "--show"]);
    clean(root);
    compress(root, options.to, options.built);
    return installed.trim().split("\n").sort();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function installPackage(root: string, file: string): void {
  run("chroot", [root, "groupadd", "--system", "--gid", AGENT_ID, EDGE]);
  run("chroot", [
    ...[root, "useradd", "--system", "--uid", AGENT_ID, "--gid", AGENT_ID, "--home-dir", "/nonexistent"],
    ...["--no-create-home", "--shell", "/usr/sbin/nologin", EDGE],
  ]);
  cpSync(file, join(root, "agent.deb"));
  run("chroot", [root, "dpkg", "--install", "/agent.deb"]);
  rmSync(join(root, "agent.deb"));
}

async function layFiles(
  root: string,
  { architecture, built, keyring, version }: SystemOptions,
): Promise<void> {
  cpSync(FILES, root, { recursive: true, verbatimSymlinks: true });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const parts = "usr/lib/campus-ops/repart.d/data.conf";
  write(parts, readFileSync(join(root, parts), "utf8").replace("@DATA_TYPE@", DATA.type));
  write("etc/rauc/system.conf", systemConfiguration(architecture));
  write(KEYRING, keyring);
  const image = { compatible: compatibleOf(architecture), version, built };
  write("usr/lib/campus-ops/image.json", `${JSON.stringify(image)}\n`);
  const update = join(root, "usr/lib/campus-ops/update");
  await bundle({ from: UPDATE, programs: ["main.ts"], external: [], to: update });
  writeFileSync(join(update, "package.json"), '{"type":"module"}\n');
  // Its time is what systemd takes for the earliest that can be (systemd(1), "clock-epoch").
  write("usr/lib/clock-epoch", "");
  utimesSync(join(root, "usr/lib/clock-epoch"), new Date(built), new Date(built));
  write("etc/hostname", "campus-ops-edge\n");
  write("etc/machine-id", "");
  for (const folder of [
    "data",
    "efi",
    "media/EDGECFG",
    "var/lib/campus-ops",
    `var/lib/${EDGE}`,
    `var/cache/${EDGE}`,
  ])
    mkdirSync(join(root, folder), { recursive: true });
  run("systemctl", ["--root", root, "enable", ...ENABLED]);
  run("systemctl", ["--root", root, "mask", ...MASKED]);
  run("systemctl", ["--root", root, "set-default", "multi-user.target"]);
}

/** The kernel and what it starts from, under names that GRUB's configuration knows. */
function makeInitialFileSystem(root: string): void {
  const [version] = readdirSync(join(root, "lib/modules"));
  if (version === undefined) throw new Error("there is no kernel in the system");
  run("chroot", [root, "depmod", version]);
  run("chroot", [root, "mkinitramfs", "-o", "/boot/initrd.img", version]);
  rmSync(join(root, "boot/vmlinuz"), { force: true });
  symlinkSync(`vmlinuz-${version}`, join(root, "boot/vmlinuz"));
}

function clean(root: string): void {
  for (const each of ["var/lib/apt", "var/cache/apt", "var/log", "var/cache/debconf", "tmp", "run"]) {
    rmSync(join(root, each), { recursive: true, force: true });
    mkdirSync(join(root, each));
  }
  mkdirSync(join(root, "var/log/journal"));
  // What the disk was made with.
  rmSync(join(root, "usr/lib/grub"), { recursive: true, force: true });
  chmodSync(join(root, "tmp"), 0o1777);
}

/** GRUB 2.06 reads gzip, LZO and XZ; of those gzip is the quickest to start from that is not twice as large. */
export function compress(root: string, to: string, built: string, level = GZIP_LEVEL): void {
  const words = [
    "-comp",
    "gzip",
    "-Xcompression-level",
    String(level),
    "-noappend",
    "-no-progress",
    "-quiet",
  ];
  run("mksquashfs", [root, to, ...words], {
    environment: { SOURCE_DATE_EPOCH: String(Math.floor(Date.parse(built) / 1_000)) },
  });
}
