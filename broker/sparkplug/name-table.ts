/**
 * Names come again and again: a birth of a hundred devices says `Connectivity/Online` a hundred times. A text that was
 * made once from the same bytes is handed out again, which costs a comparison instead of a string.
 *
 * The table is a fixed number of places; a name that falls on a taken place takes it over, so that hostile names cost
 * time and never memory.
 */

const PLACES = 2_048;
/** Longer texts are not names. */
export const NAME_BYTES_MAX = 64;

interface Place {
  readonly bytes: Uint8Array;
  readonly text: string;
}

export class NameTable {
  readonly #places: (Place | undefined)[] = new Array(PLACES).fill(undefined);

  /** The text of these bytes, if they are the newest of their place. */
  find(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start > NAME_BYTES_MAX) return undefined;
    const place = this.#places[placeOf(bytes, start, end)];
    return place !== undefined && isSame(place.bytes, bytes, start, end - start) ? place.text : undefined;
  }

  keep(bytes: Uint8Array, start: number, end: number, text: string): void {
    if (end - start > NAME_BYTES_MAX) return;
    // A copy: the packet's bytes are the caller's, and may change.
    this.#places[placeOf(bytes, start, end)] = { bytes: bytes.slice(start, end), text };
  }
}

/** FNV-1a, 32 bits, folded. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) & (PLACES - 1);
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (known[at] !== bytes[start + at]) return false;
  return true;
}
