/**
 * GRUB where a BIOS looks for it. grub-install writes the same numbers, and needs a mounted disk for that
 * (GRUB 2.06, `include/grub/i386/pc/boot.h`: places of the numbers in boot.img and diskboot.img).
 */
import { SECTOR_BYTES } from "./layout.ts";

/** The disk's own table begins there; GPT keeps a protective one. */
const CODE_BYTES = 440;
/** GRUB_BOOT_MACHINE_KERNEL_SECTOR: sector of the core, 64 bits. */
const KERNEL_SECTOR_AT = 0x5c;
/** The list of blocks ends the first sector of the core: first sector, 64 bits; count, 16 bits; segment, 16 bits. */
const BLOCK_LIST_AT = SECTOR_BYTES - 12;
/** Where the second sector of the core goes in memory: 0x8200, in paragraphs (GRUB_BOOT_MACHINE_KERNEL_SEG + 0x20). */
const SECOND_SECTOR_SEGMENT = 0x820;

/** The code of the disk's first sector, for a core that begins at `firstSector`. */
export function startSector(bootImage: Uint8Array, firstSector: number): Buffer {
  const code = Buffer.from(bootImage.subarray(0, CODE_BYTES));
  code.writeBigUInt64LE(BigInt(firstSector), KERNEL_SECTOR_AT);
  return code;
}

/** The core as it lies from `firstSector` on: it is told where its second and further sectors are. */
export function coreForGap(core: Uint8Array, firstSector: number): Buffer {
  const sectors = Math.ceil(core.length / SECTOR_BYTES);
  const image = Buffer.alloc(sectors * SECTOR_BYTES);
  image.set(core);
  image.writeBigUInt64LE(BigInt(firstSector + 1), BLOCK_LIST_AT);
  image.writeUInt16LE(sectors - 1, BLOCK_LIST_AT + 8);
  image.writeUInt16LE(SECOND_SECTOR_SEGMENT, BLOCK_LIST_AT + 10);
  return image;
}
