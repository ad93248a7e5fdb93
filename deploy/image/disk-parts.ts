/** What disks and sticks are made of, without mounting anything: file systems, GRUB, and where each goes. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Architecture } from "../packages/debian-package.ts";
import { run } from "./command.ts";
import { grubModules } from "./grub.ts";
import { coreForGap, startSector } from "./grub-bios.ts";
import { bytesOf, type Extent, extentIn, type Partition, partitionTable, SECTOR_BYTES } from "./layout.ts";
import { GRUB_PLATFORM } from "./packages.ts";

const COPY_BYTES = 4 * 1024 * 1024;
const ESP = 2;
/** Where firmware looks on a disk that it does not know (UEFI 2.10, 3.5.1.1). */
const EFI_FILE: Readonly<Record<Architecture, string>> = { amd64: "BOOTX64.EFI", arm64: "BOOTAA64.EFI" };

export interface Grub {
  readonly architecture: Architecture;
  /** Folder with GRUB's modules, by platform. */
  readonly modules: string;
}

/** A sparse file with a table, and nothing in its partitions. */
export function emptyDisk<Name extends string>(to: string, partitions: readonly Partition<Name>[]): void {
  writeFileSync(to, "");
  truncateSync(to, bytesOf(partitions));
  run("sfdisk", ["--quiet", to], { input: partitionTable(partitions) });
}

/** A FAT file system with `files`, by their names on it. Returns its path. */
export function fatFile(
  to: string,
  label: string,
  { sectors }: Extent,
  files: Readonly<Record<string, string>>,
): string {
  writeFileSync(to, "");
  truncateSync(to, sectors * SECTOR_BYTES);
  run("mkfs.vfat", ["-F", "32", "-n", label, to]);
  for (const [name, file] of Object.entries(files)) run("mcopy", ["-i", to, file, `::${name}`]);
  return to;
}

/** What UEFI starts: GRUB with `configuration`, and the files that it reads beside it. */
export function startPartition(
  folder: string,
  grub: Grub,
  extent: Extent,
  beside: Readonly<Record<string, string>>,
): string {
  const efi = join(folder, "start.efi");
  const platform = GRUB_PLATFORM[grub.architecture];
  run("grub-mkimage", [
    ...["-d", join(grub.modules, platform), "-O", platform, "-o", efi, "-p", "/grub"],
    ...grubModules(grub.architecture),
  ]);
  const place = join(folder, "grub");
  mkdirSync(place);
  const file = fatFile(join(folder, "esp.fat"), "START", extent, {});
  run("mmd", ["-i", file, "::EFI", "::EFI/BOOT", "::grub"]);
  run("mcopy", ["-i", file, efi, `::EFI/BOOT/${EFI_FILE[grub.architecture]}`]);
  for (const [name, text] of Object.entries(beside)) {
    writeFileSync(join(place, name), text);
    run("mcopy", ["-i", file, join(place, name), "::grub/"]);
  }
  return file;
}

/** What BIOS reads: the first sector finds GRUB's core in its partition, and the core finds the rest of itself. */
export function putBiosStart(
  disk: string,
  folder: string,
  { modules }: Grub,
  { firstSector, sectors }: Extent,
): void {
  const core = join(folder, "core.img");
  const platform = join(modules, "i386-pc");
  run("grub-mkimage", [
    ...["-d", platform, "-O", "i386-pc", "-o", core, "-p", `(,gpt${ESP})/grub`, "biosdisk"],
    ...grubModules("amd64"),
  ]);
  const image = coreForGap(readFileSync(core), firstSector);
  if (image.length > sectors * SECTOR_BYTES) throw new Error("GRUB's core does not fit into its partition");
  put(disk, image, firstSector * SECTOR_BYTES);
  put(disk, startSector(readFileSync(join(platform, "boot.img")), firstSector), 0);
}

export function putPartition<Name extends string>(
  disk: string,
  partitions: readonly Partition<Name>[],
  name: Name,
  from: string,
): void {
  const { firstSector, sectors } = extentIn(partitions, name);
  const { size } = statSync(from);
  if (size > sectors * SECTOR_BYTES)
    throw new Error(`${name} has ${sectors * SECTOR_BYTES} bytes, and ${size} are to go into it`);
  run("dd", [
    ...[`if=${from}`, `of=${disk}`, `bs=${COPY_BYTES}`, `seek=${firstSector * SECTOR_BYTES}`],
    ...["oflag=seek_bytes", "conv=notrunc,sparse", "status=none"],
  ]);
}

function put(disk: string, bytes: Uint8Array, at: number): void {
  const file = openSync(disk, "r+");
  try {
    writeSync(file, bytes, 0, bytes.length, at);
  } finally {
    closeSync(file);
  }
}
