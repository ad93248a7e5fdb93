/** The image of a whole disk, made without mounting anything: a table, two FAT file systems, a system in slot A, GRUB. */
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { FIRST_ENVIRONMENT, GRUB_MODULES, grubConfiguration, grubEnvironment } from "./grub.ts";
import { coreForGap, startSector } from "./grub-bios.ts";
import {
  extentOf,
  IMAGE_BYTES,
  numberOf,
  type PartitionName,
  partitionTable,
  SECTOR_BYTES,
} from "./layout.ts";

const GRUB = "/usr/lib/grub";
const READ_ME =
  "请把 edge.conf 拷到这里，然后给边缘盒通电。\r\nPut edge.conf here, then switch the box on.\r\n";
const COPY_BYTES = 4 * 1024 * 1024;

/** Writes `to`, a sparse file of {@link IMAGE_BYTES}. `system` is an image that slot A holds. */
export function writeDisk(system: string, to: string): void {
  const folder = mkdtempSync(join(dirname(to), ".disk-"));
  try {
    writeFileSync(to, "");
    truncateSync(to, IMAGE_BYTES);
    run("sfdisk", ["--quiet", to], { input: partitionTable() });
    putPartition(to, "esp", startPartition(folder));
    putPartition(to, "EDGECFG", seedPartition(folder));
    putPartition(to, "root-a", system);
    putBiosStart(to, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function startPartition(folder: string): string {
  const file = fatFile(folder, "esp", "START");
  const efi = join(folder, "bootx64.efi");
  run("grub-mkimage", ["-O", "x86_64-efi", "-o", efi, "-p", "/grub", ...GRUB_MODULES]);
  writeFileSync(join(folder, "grub.cfg"), grubConfiguration());
  writeFileSync(join(folder, "grubenv"), grubEnvironment(FIRST_ENVIRONMENT));
  run("mmd", ["-i", file, "::EFI", "::EFI/BOOT", "::grub"]);
  run("mcopy", ["-i", file, efi, "::EFI/BOOT/BOOTX64.EFI"]);
  run("mcopy", ["-i", file, join(folder, "grub.cfg"), join(folder, "grubenv"), "::grub/"]);
  return file;
}

function seedPartition(folder: string): string {
  const file = fatFile(folder, "EDGECFG", "EDGECFG");
  const readMe = join(folder, "README.txt");
  writeFileSync(readMe, `\ufeff${READ_ME}`);
  run("mcopy", ["-i", file, readMe, "::README.txt"]);
  return file;
}

function fatFile(folder: string, name: PartitionName, label: string): string {
  const file = join(folder, `${name}.fat`);
  writeFileSync(file, "");
  truncateSync(file, extentOf(name).sectors * SECTOR_BYTES);
  run("mkfs.vfat", ["-F", "32", "-n", label, file]);
  return file;
}

/** What BIOS reads: the first sector finds GRUB's core in its partition, and the core finds the rest of itself. */
function putBiosStart(disk: string, folder: string): void {
  const core = join(folder, "core.img");
  const prefix = `(,gpt${numberOf("esp")})/grub`;
  run("grub-mkimage", ["-O", "i386-pc", "-o", core, "-p", prefix, "biosdisk", ...GRUB_MODULES]);
  const { firstSector, sectors } = extentOf("bios");
  const image = coreForGap(readFileSync(core), firstSector);
  if (image.length > sectors * SECTOR_BYTES) throw new Error("GRUB's core does not fit into its partition");
  put(disk, image, firstSector * SECTOR_BYTES);
  put(disk, startSector(readFileSync(join(GRUB, "i386-pc/boot.img")), firstSector), 0);
}

function putPartition(disk: string, name: PartitionName, from: string): void {
  const { firstSector, sectors } = extentOf(name);
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

/** A disk of a box: the image, and room behind it. */
export function diskFrom(image: string, to: string, bytes: number): void {
  copyFileSync(image, to);
  truncateSync(to, Math.max(bytes, IMAGE_BYTES));
}
