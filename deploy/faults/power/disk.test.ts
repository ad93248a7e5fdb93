import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../testing/random.ts";
import { ForgetfulDisk, SECTOR_BYTES } from "./disk.ts";

const SECTORS = 8;
const filled = (byte: number, sectors = 1): Uint8Array => new Uint8Array(sectors * SECTOR_BYTES).fill(byte);
/** The first byte of each sector. */
const firstBytes = (disk: ForgetfulDisk): readonly number[] => {
  const all = disk.read(0, disk.bytes);
  return Array.from({ length: SECTORS }, (_, sector) => all[sector * SECTOR_BYTES] ?? -1);
};

describe("a disk that forgets", () => {
  test("gives back what was written, flushed or not, and zeroes where nothing was", () => {
    const disk = new ForgetfulDisk(SECTORS * SECTOR_BYTES);
    disk.write(SECTOR_BYTES, filled(1, 2));
    disk.flush();
    disk.write(2 * SECTOR_BYTES, filled(2));
    expect(firstBytes(disk)).toEqual([0, 1, 2, 0, 0, 0, 0, 0]);
  });

  test("keeps what it was given, not what its giver does with the memory afterwards", () => {
    const disk = new ForgetfulDisk(SECTORS * SECTOR_BYTES);
    const bytes = filled(1);
    disk.write(0, bytes);
    bytes.fill(9);
    expect(firstBytes(disk)[0]).toBe(1);
  });

  test("loses at a cut nothing that was flushed, and of the rest any sectors in any order", () => {
    const write = fc.record({ sector: fc.nat(SECTORS - 1), flush: fc.boolean() });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 40 }), fc.nat(), (writes, seed) => {
        const disk = new ForgetfulDisk(SECTORS * SECTOR_BYTES);
        const flushed = new Array<number>(SECTORS).fill(0);
        const said = Array.from({ length: SECTORS }, () => new Set<number>());
        const latest = [...flushed];
        for (const [index, { flush, sector }] of writes.entries()) {
          disk.write(sector * SECTOR_BYTES, filled(index + 1));
          latest[sector] = index + 1;
          said[sector]?.add(index + 1);
          if (!flush) continue;
          disk.flush();
          flushed.splice(0, SECTORS, ...latest);
          for (const each of said) each.clear();
        }
        const cached = disk.unflushed;
        const forgotten = disk.cut(random(seed));
        const found = firstBytes(disk);
        const changed = found.filter((byte, sector) => byte !== flushed[sector]);
        expect(found.every((byte, sector) => byte === flushed[sector] || byte === latest[sector])).toBe(true);
        expect(changed).toHaveLength(cached - forgotten);
      }),
    );
  });

  test("forgets sometimes all, sometimes nothing and sometimes a part", () => {
    const chance = random(1);
    const shares = Array.from({ length: 200 }, () => {
      const disk = new ForgetfulDisk(SECTORS * SECTOR_BYTES);
      for (let sector = 0; sector < SECTORS; sector += 1) disk.write(sector * SECTOR_BYTES, filled(1));
      return disk.cut(chance);
    });
    expect(shares).toContain(0);
    expect(shares).toContain(SECTORS);
    expect(shares).toContain(SECTORS / 2);
  });

  test("refuses what is no whole sector of its own", () => {
    const disk = new ForgetfulDisk(SECTORS * SECTOR_BYTES);
    expect(() => disk.read(1, SECTOR_BYTES)).toThrow(RangeError);
    expect(() => disk.write(0, new Uint8Array(3))).toThrow(RangeError);
    expect(() => disk.write(disk.bytes, filled(1))).toThrow(RangeError);
    expect(() => new ForgetfulDisk(1_000)).toThrow(RangeError);
  });
});
