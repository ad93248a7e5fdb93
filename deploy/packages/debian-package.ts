/** A Debian package from a folder of files, by Debian's own dpkg-deb (deb(5), deb-control(5), Debian Policy 6). */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Architecture = "amd64" | "arm64";

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly depends: readonly string[];
  readonly recommends?: readonly string[];
  /** The first line stands for itself; each further one is a paragraph. */
  readonly description: readonly [title: string, ...paragraphs: string[]];
  /** The systemd unit, without `.service`. */
  readonly unit: string;
  /** The user that the unit runs as. */
  readonly user: string;
  /** What purging removes. */
  readonly data: readonly string[];
}

/** 1 to 19. */
const ZSTD_LEVEL = 12;

/** Writes `<to>/<name>_<version>_<architecture>.deb` from `tree`, which gets a folder DEBIAN. Returns its path. */
export function buildPackage(
  about: DebianPackage,
  tree: string,
  to: string,
  level: number = ZSTD_LEVEL,
): string {
  const control = join(tree, "DEBIAN");
  mkdirSync(control, { recursive: true });
  writeFileSync(join(control, "control"), controlFile(about, kilobytes(tree)));
  for (const [name, lines] of Object.entries(scripts(about))) {
    writeFileSync(join(control, name), `#!/bin/sh\nset -e\n${lines.join("\n")}\n`);
    chmodSync(join(control, name), 0o755);
  }
  const file = join(to, `${about.name}_${about.version}_${about.architecture}.deb`);
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync("dpkg-deb", [
    ...["--root-owner-group", "-Zzstd", `-z${level}`, "--build", tree, file],
  ]);
  if (status !== 0) throw new Error(`dpkg-deb failed: ${stderr?.toString() ?? "is it installed?"}`);
  return file;
}

export function controlFile(about: DebianPackage, installed_kB: number): string {
  const { architecture, depends, description, name, recommends = [], version } = about;
  const [title, ...paragraphs] = description;
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    "Section: net",
    "Priority: optional",
    "Maintainer: campus-ops <maintainers@campus-ops.invalid>",
    `Installed-Size: ${installed_kB}`,
    `Depends: ${depends.join(", ")}`,
    ...(recommends.length === 0 ? [] : [`Recommends: ${recommends.join(", ")}`]),
    `Description: ${title}`,
    paragraphs.map((text) => ` ${text}`).join("\n .\n"),
    "",
  ].join("\n");
}

/** Maintainer scripts: they are run again after a failure at any line, and have to come out the same. */
function scripts({
  data,
  name,
  unit,
  user,
  version,
}: DebianPackage): Readonly<Record<string, readonly string[]>> {
  const service = `${unit}.service`;
  const running = "[ -d /run/systemd/system ]";
  return {
    preinst: [
      // What a newer version has written, an older one may misread.
      `if [ "$1" = upgrade ] && dpkg --compare-versions "$2" gt "${version}"; then`,
      `  echo "${name}: version $2 is installed, which is newer than ${version}. Its data may not be readable by this one." >&2`,
      `  echo "Nothing was changed. To go back: back up, apt purge ${name}, install ${version}, restore." >&2`,
      "  exit 1",
      "fi",
    ],
    postinst: [
      'if [ "$1" = configure ]; then',
      `  if ! getent passwd ${user} >/dev/null; then`,
      `    useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin ${user}`,
      "  fi",
      `  install -d -m 0750 -o root -g ${user} /etc/campus-ops`,
      `  if ${running}; then`,
      "    systemctl daemon-reload",
      // Enabled once; what an administrator has disabled stays so.
      `    [ -n "$2" ] || systemctl enable ${service}`,
      `    systemctl restart ${service} || true`,
      "  fi",
      "fi",
    ],
    prerm: [
      `if [ "$1" = remove ] && ${running}; then`,
      `  systemctl stop ${service} || true`,
      `  systemctl disable ${service} || true`,
      "fi",
    ],
    postrm: [
      `if ${running}; then systemctl daemon-reload; fi`,
      'if [ "$1" = purge ]; then',
      `  rm -rf ${data.join(" ")}`,
      `  if getent passwd ${user} >/dev/null; then userdel ${user} || true; fi`,
      "fi",
    ],
  };
}

function kilobytes(tree: string): number {
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Math.ceil(
    files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0) / 1024,
  );
}
