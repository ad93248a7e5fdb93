/** Bytes that are nearly right, drawn from a seed: for ports, where a case is too slow to be shrunk and is said again instead. */
import type { Random } from "../testing/random.ts";

const MUTATIONS_MAX = 6;
const RANDOM_BYTES_MAX = 600;
const PIECE_BYTES_MAX = 40;
/** One input in so many is chance alone. */
const CHANCE_ALONE = 5;
/** Numbers at which lengths and counts go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

export const pick = <T>(all: readonly T[], chance: Random): T => {
  const picked = all[Math.floor(chance() * all.length)];
  if (picked === undefined) throw new RangeError("there is nothing to pick from");
  return picked;
};

/** Each call draws anew; the same seed draws the same inputs. */
export function mutant(examples: readonly Uint8Array[], chance: Random): Buffer {
  const upTo = (most: number): number => Math.floor(chance() * most);
  if (upTo(CHANCE_ALONE) === 0)
    return Buffer.from(Array.from({ length: upTo(RANDOM_BYTES_MAX) }, () => upTo(256)));
  let bytes: Buffer = Buffer.from(pick(examples, chance));
  for (let left = 1 + upTo(MUTATIONS_MAX); left > 0; left -= 1) {
    const at = upTo(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (upTo(5)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.of(pick(EDGES, chance)), after.subarray(1)]);
        break;
      case 1:
        bytes = Buffer.concat([before, Buffer.of(upTo(256)), after.subarray(1)]);
        break;
      case 2:
        bytes = Buffer.concat([before, after.subarray(1 + upTo(PIECE_BYTES_MAX))]);
        break;
      case 3:
        bytes = Buffer.concat([before, after.subarray(0, 1 + upTo(PIECE_BYTES_MAX)), after]);
        break;
      default:
        bytes = Buffer.concat([
          before,
          Buffer.from(pick(examples, chance)).subarray(0, upTo(PIECE_BYTES_MAX)),
          after,
        ]);
    }
  }
  return bytes;
}
