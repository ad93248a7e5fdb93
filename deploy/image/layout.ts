/** How the disk of a box is divided: a GUID partition table (UEFI 2.10, 5.3) that BIOS and UEFI start from. */
export const SECTOR_BYTES = 512;
const MIB_SECTORS = 2048;
/** The table's backup lies in the last sectors; a mebibyte keeps the end aligned. */
const TABLE_MIB = 1;

export interface Partition<Name extends string = string> {
  readonly number: number;
  readonly name: Name;
  /** GUID of what it is for. */
  readonly type: string;
  readonly mebibytes: number;
}
export type PartitionName = "bios" | "esp" | "EDGECFG" | "root-a" | "root-b";
export type StickPartitionName = "bios" | "esp" | "EDGESTICK" | "stick-system";

const BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649";
const EFI_SYSTEM = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
/** Windows gives it a letter. */
const BASIC_DATA = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7";
const LINUX_DATA = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

/**
 * What the image holds. The data partition comes last, takes what the disk has left, and is made at the first boot.
 * `root-a` and `root-b` are of one size: whatever fits into one has to fit into the other.
 */
export const PARTITIONS: readonly Partition<PartitionName>[] = [
  // GRUB's core for BIOS, where the gap behind an MBR would be.
  { number: 1, name: "bios", type: BIOS_BOOT, mebibytes: 1 },
  { number: 2, name: "esp", type: EFI_SYSTEM, mebibytes: 64 },
  { number: 3, name: "EDGECFG", type: BASIC_DATA, mebibytes: 256 },
  { number: 4, name: "root-a", type: LINUX_DATA, mebibytes: 1024 },
  { number: 5, name: "root-b", type: LINUX_DATA, mebibytes: 1024 },
];

/** A type of its own: systemd-repart finds out by the type whether a partition is there already (repart.d(5)). */
export const DATA = { name: "data", type: "9C1B7A52-5D1E-4F0C-8F0A-6D3A2C7E41D5" } as const;

/** A stick that installs: GRUB as on a disk, what Windows shows, and a system that runs from the stick and is written to the disk. */
export const STICK_PARTITIONS: readonly Partition<StickPartitionName>[] = [
  { number: 1, name: "bios", type: BIOS_BOOT, mebibytes: 1 },
  { number: 2, name: "esp", type: EFI_SYSTEM, mebibytes: 64 },
  { number: 3, name: "EDGESTICK", type: BASIC_DATA, mebibytes: 64 },
  { number: 4, name: "stick-system", type: LINUX_DATA, mebibytes: 512 },
];

export const IMAGE_BYTES = bytesOf(PARTITIONS);
/** The backup of the table, at the end of an image. */
export const TABLE_BYTES = TABLE_MIB * MIB_SECTORS * SECTOR_BYTES;

export function bytesOf(partitions: readonly Partition[]): number {
  const mebibytes = partitions.reduce((sum, each) => sum + each.mebibytes, TABLE_MIB * 2);
  return mebibytes * MIB_SECTORS * SECTOR_BYTES;
}

export interface Extent {
  readonly firstSector: number;
  readonly sectors: number;
}

export function extentIn<Name extends string>(partitions: readonly Partition<Name>[], name: Name): Extent {
  let firstSector = TABLE_MIB * MIB_SECTORS;
  for (const each of partitions) {
    const sectors = each.mebibytes * MIB_SECTORS;
    if (each.name === name) return { firstSector, sectors };
    firstSector += sectors;
  }
  throw new Error(`there is no partition ${name}`);
}

export const extentOf = (name: PartitionName): Extent => extentIn(PARTITIONS, name);

export const numberOf = (name: PartitionName): number =>
  PARTITIONS.find((each) => each.name === name)?.number ?? 0;

/** What sfdisk(8) is told. */
export function partitionTable<Name extends string>(partitions: readonly Partition<Name>[]): string {
  const lines = partitions.map(({ name, type }) => {
    const { firstSector, sectors } = extentIn(partitions, name);
    return `start=${firstSector}, size=${sectors}, type=${type}, name="${name}"`;
  });
  return `${["label: gpt", `first-lba: ${TABLE_MIB * MIB_SECTORS}`, "", ...lines].join("\n")}\n`;
}
