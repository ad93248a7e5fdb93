/**
 * Which rows a patchset of SQLite's session extension is about. The format is in the head of `sqlite3session.c`: for each
 * table `P`, the number of columns, for each of them whether it is of the primary key, the name, and then the changes, each
 * with its operation, whether it was indirect, and a record. A deletion's record holds the key alone.
 */

/** Values of a primary key, in the order of the row. */
export type Key = readonly (string | number | bigint | Uint8Array)[];

export interface Touched {
  readonly table: string;
  readonly keys: readonly Key[];
}

const TABLE = 0x50;
const INSERT = 18;
const UPDATE = 23;
const DELETE = 9;

/** Throws when the bytes are no patchset. */
export function touchedKeys(bytes: Uint8Array): readonly Touched[] {
  const reader = new Reader(bytes);
  const touched: { table: string; keys: Key[] }[] = [];
  let isKey: readonly boolean[] = [];
  while (!reader.atEnd) {
    const first = reader.byte();
    if (first === TABLE) {
      const columns = reader.varint();
      isKey = Array.from({ length: columns }, () => reader.byte() > 0);
      touched.push({ table: reader.untilZero(), keys: [] });
      continue;
    }
    const table = touched.at(-1);
    if (table === undefined || (first !== INSERT && first !== UPDATE && first !== DELETE))
      throw new Error(`a patchset has ${first} where an operation belongs`);
    reader.byte();
    const key: Key[number][] = [];
    for (const part of isKey) {
      if (first === DELETE && !part) continue;
      const value = reader.value();
      if (!part) continue;
      if (value === undefined) throw new Error(`a patchset has a row of ${table.table} without its key`);
      key.push(value);
    }
    table.keys.push(key);
  }
  return touched;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.byteLength;
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  /** SQLite's: seven bits a byte, the high ones first; of a ninth byte all eight count, which no length here reaches. */
  varint(): number {
    let value = 0;
    for (let count = 0; count < 8; count += 1) {
      const byte = this.byte();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    throw new Error("a patchset has a length beyond all bounds");
  }

  untilZero(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#text(end - this.#at);
    this.#at += 1;
    return text;
  }

  /** Undefined for what was left out, and for null, which no key of a strict table holds. */
  value(): Key[number] | undefined {
    const type = this.byte();
    switch (type) {
      case 0:
      case 5:
        return undefined;
      case 1:
        return this.#integer();
      case 2:
        this.#at += 8;
        return this.#view.getFloat64(this.#at - 8);
      case 3:
        return this.#text(this.varint());
      case 4: {
        const length = this.varint();
        this.#at += length;
        return this.#bytes.slice(this.#at - length, this.#at);
      }
      default:
        throw new Error(`a patchset has a value of type ${type}`);
    }
  }

  #integer(): bigint {
    this.#at += 8;
    return this.#view.getBigInt64(this.#at - 8);
  }

  #text(length: number): string {
    this.#at += length;
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at - length, length).toString(
      "utf8",
    );
  }
}
