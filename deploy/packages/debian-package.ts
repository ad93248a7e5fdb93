/** A Debian package from a folder of files, by Debian's own dpkg-deb (deb(5), deb-control(5), Debian Policy 6). */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Architecture = "amd64" | "arm64";
/** Debian's name for what runs on every machine. */
type EveryMachine = "all";

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: Architecture | EveryMachine;
  readonly depends: readonly string[];
  readonly recommends?: readonly string[];
  readonly suggests?: readonly string[];
  /** The first line stands for itself; each further one is a paragraph. */
  readonly description: readonly [title: string, ...paragraphs: string[]];
  /** What runs; absent where the package only brings files for another one's. */
  readonly service?: Service;
}

export interface Service {
  /** systemd units that are enabled and started, of which the last one is the service. */
  readonly units: readonly [string, ...string[]];
  /** The user that the service runs as; made by the package, and a member of nothing. */
  readonly user: string;
  /** Folder of the configuration, the user's own: programs write it too. */
  readonly configuration: string;
  /** Folders of data. Purging removes them and the configuration, removing keeps them. */
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
  const { architecture, depends, description, name, recommends = [], suggests = [], version } = about;
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
    ...(suggests.length === 0 ? [] : [`Suggests: ${suggests.join(", ")}`]),
    `Description: ${title}`,
    paragraphs.map((text) => ` ${text}`).join("\n .\n"),
    "",
  ].join("\n");
}

/** Maintainer scripts: they are run again after a failure at any line, and have to come out the same. */
function scripts({ name, service, version }: DebianPackage): Readonly<Record<string, readonly string[]>> {
  return { preinst: refusal(name, version), ...(service === undefined ? {} : serviceScripts(service)) };
}

/** What a newer version has written, an older one may misread. */
const refusal = (name: string, version: string): readonly string[] => [
  `if [ "$1" = upgrade ] && dpkg --compare-versions "$2" gt "${version}"; then`,
  `  echo "${name}: version $2 is installed, which is newer than ${version}. Its data may not be readable by this one." >&2`,
  `  echo "Nothing was changed. To go back: back up, apt purge ${name}, install ${version}, restore." >&2`,
  "  exit 1",
  "fi",
];

function serviceScripts({ configuration, data, units, user }: Service) {
  const running = "[ -d /run/systemd/system ]";
  const all = units.join(" ");
  return {
    postinst: [
      'if [ "$1" = configure ]; then',
      `  if ! getent passwd ${user} >/dev/null; then`,
      `    useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin ${user}`,
      "  fi",
      `  install -d -m 0750 -o ${user} -g ${user} ${configuration}`,
      `  if ${running}; then`,
      "    systemctl daemon-reload",
      // Enabled once; what an administrator has disabled stays so.
      `    [ -n "$2" ] || systemctl enable ${all}`,
      // A service may wait for a person before it is ready; the installation does not.
      `    systemctl restart --no-block ${units.at(-1)} || true`,
      "  fi",
      "fi",
    ],
    prerm: [
      `if [ "$1" = remove ] && ${running}; then`,
      `  systemctl stop ${all} || true`,
      `  systemctl disable ${all} || true`,
      "fi",
    ],
    postrm: [
      `if ${running}; then systemctl daemon-reload; fi`,
      'if [ "$1" = purge ]; then',
      `  rm -rf ${[...data, configuration].join(" ")}`,
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
