/**
 * The image of a stick that installs a box: GRUB, a partition that Windows shows, and the system. The system runs from the stick, and
 * is what it writes to the box's disk; the rest of that disk (table, GRUB, `EDGECFG`) comes along, compressed.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { INSTALL_FILE, type InstallPlan, type Piece } from "./box/core/install-plan.ts";
import { emptyDisk, fatFile, type Grub, putBiosStart, putPartition, startPartition } from "./disk-parts.ts";
import { stickConfiguration } from "./grub.ts";
import { extentIn, extentOf, IMAGE_BYTES, SECTOR_BYTES, STICK_PARTITIONS, TABLE_BYTES } from "./layout.ts";
import type { BundleContent } from "./rauc-files.ts";

const READ_ME = [
  "1. 把平台生成的 edge.conf 拷到这里。",
  "2. 把 U 盘插到边缘盒上，从 U 盘启动。边缘盒写完自己的硬盘后会关机。",
  "3. 关机后拔下 U 盘，给边缘盒通电。没有关机，或没有上线：看这里的 安装-INSTALL.txt。",
  "",
  "1. Copy edge.conf, as the hub has made it, to this place.",
  "2. Put the stick into the box and start the box from it. The box writes its disk and switches itself off.",
  "3. Pull the stick, and switch the box on. Where it does not come: read 安装-INSTALL.txt here.",
  "",
].join("\r\n");

/** Writes `to`, a sparse file. `disk` is the image that a box's disk is to be like, `system` what its slot A holds. */
export function writeStick(
  {
    content,
    disk,
    system,
  }: { readonly content: BundleContent; readonly disk: string; readonly system: string },
  to: string,
  grub: Grub,
): void {
  const folder = mkdtempSync(join(dirname(to), ".stick-"));
  const extent = (name: (typeof STICK_PARTITIONS)[number]["name"]) => extentIn(STICK_PARTITIONS, name);
  try {
    emptyDisk(to, STICK_PARTITIONS);
    const configuration = { "grub.cfg": stickConfiguration(grub.architecture) };
    putPartition(to, STICK_PARTITIONS, "esp", startPartition(folder, grub, extent("esp"), configuration));
    const files = installFiles(folder, { content, disk, system });
    putPartition(
      to,
      STICK_PARTITIONS,
      "EDGESTICK",
      fatFile(join(folder, "EDGESTICK.fat"), "EDGESTICK", extent("EDGESTICK"), files),
    );
    putPartition(to, STICK_PARTITIONS, "stick-system", system);
    if (grub.architecture === "amd64") putBiosStart(to, folder, grub, extent("bios"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function installFiles(
  folder: string,
  {
    content,
    disk,
    system,
  }: { readonly content: BundleContent; readonly disk: string; readonly system: string },
): Readonly<Record<string, string>> {
  const systemAt = extentOf("root-a").firstSector * SECTOR_BYTES;
  const places = { start: [0, systemAt], end: [IMAGE_BYTES - TABLE_BYTES, TABLE_BYTES] } as const;
  const files: Record<string, string> = {};
  const put = (name: string, bytes: string | Uint8Array): void => {
    files[name] = join(folder, name);
    writeFileSync(join(folder, name), bytes);
  };
  const pieces = Object.entries(places).map(([name, [at, length]]): Piece => {
    const bytes = read(disk, at, length);
    put(`${name}.zst`, zstdCompressSync(bytes));
    return { from: `${name}.zst`, at, bytes: length, sha256: sha256(bytes) };
  });
  const image = readFileSync(system);
  const plan: InstallPlan = {
    compatible: content.compatible,
    version: content.version,
    // The table last: a disk that was cut short is not taken for a box.
    pieces: [
      { from: "system", at: systemAt, bytes: statSync(system).size, sha256: sha256(image) },
      ...pieces.toReversed(),
    ],
  };
  put(INSTALL_FILE, `${JSON.stringify(plan, undefined, 2)}\n`);
  put("README.txt", `\ufeff${READ_ME}`);
  return files;
}

function read(file: string, at: number, bytes: number): Buffer {
  const opened = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    readSync(opened, buffer, 0, bytes, at);
    return buffer;
  } finally {
    closeSync(opened);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
