/** Which addresses a person lets a search touch: `10.0.0.7`, `10.0.0.5-20`, `10.0.0.0/24`, several with commas. IPv4. */

/** A campus network is a few /24; a search of more is a mistake, and takes hours at a polite rate. */
export const ADDRESSES_MAX = 4_096;

export class InvalidRangeError extends Error {
  override readonly name = "InvalidRangeError";
}

/** Every address once, in order. Throws {@link InvalidRangeError}. */
export function parseAddresses(text: string): readonly string[] {
  const found = new Set<number>();
  for (const part of text.split(",").map((each) => each.trim())) {
    const { first, last } = rangeOf(part);
    if (last - first + 1 + found.size > ADDRESSES_MAX) {
      throw new InvalidRangeError(`${text} has more than ${ADDRESSES_MAX} addresses; search in parts`);
    }
    for (let address = first; address <= last; address += 1) found.add(address);
  }
  return [...found].map(formatAddress);
}

function rangeOf(part: string): { readonly first: number; readonly last: number } {
  const [, base = "", mask, to] = /^([0-9.]+)(?:\/([0-9]{1,2})|-([0-9.]+))?$/.exec(part) ?? [];
  const start = addressNumber(base);
  if (start === undefined) throw new InvalidRangeError(`${JSON.stringify(part)} is no IPv4 address or range`);
  if (mask !== undefined) {
    const bits = Number(mask);
    if (bits > 32) throw new InvalidRangeError(`${part}: a network has 0 to 32 bits`);
    const size = 2 ** (32 - bits);
    const network = Math.floor(start / size) * size;
    // Network and broadcast address are nobody's (RFC 3021 excepts networks of two).
    return size > 2
      ? { first: network + 1, last: network + size - 2 }
      : { first: network, last: network + size - 1 };
  }
  if (to === undefined) return { first: start, last: start };
  const last = to.includes(".") ? addressNumber(to) : Math.floor(start / 256) * 256 + Number(to);
  if (last === undefined || last < start || (!to.includes(".") && Number(to) > 255)) {
    throw new InvalidRangeError(`${part} ends before it begins`);
  }
  return { first: start, last };
}

function addressNumber(text: string): number | undefined {
  const bytes = text.split(".").map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte > 255)) return undefined;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

const formatAddress = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
