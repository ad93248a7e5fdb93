/** A ZIP file of small texts, stored as they are (PKWARE APPNOTE 6.3.10, 4.3): what a laptop unpacks onto sticks. */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** General purpose bit 11: names are UTF-8. */
const UTF8_NAMES = 0x0800;
const VERSION = 20;

export interface ZipEntry {
  /** With `/` between folders. */
  readonly name: string;
  readonly text: string;
}

export function zipOf(entries: readonly ZipEntry[], at: Date): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, text } of entries) {
    const bytes = encoder.encode(text);
    const path = encoder.encode(name);
    // Both headers say the same from the version to the length of the name.
    const common = numbers([
      [VERSION, 2],
      [UTF8_NAMES, 2],
      [0, 2],
      [dosTime(at), 2],
      [dosDate(at), 2],
      [crc32(bytes), 4],
      [bytes.length, 4],
      [bytes.length, 4],
      [path.length, 2],
      [0, 2],
    ]);
    directory.push(
      numbers([
        [CENTRAL, 4],
        [VERSION, 2],
      ]),
      common,
      numbers([
        [0, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [offset, 4],
      ]),
      path,
    );
    const file = [numbers([[LOCAL, 4]]), common, path, bytes];
    files.push(...file);
    offset += sizeOf(file);
  }
  const end = numbers([
    [END, 4],
    [0, 4],
    [entries.length, 2],
    [entries.length, 2],
    [sizeOf(directory), 4],
    [offset, 4],
    [0, 2],
  ]);
  return joined([...files, ...directory, end]);
}

/** Little-endian, each of so many bytes. */
function numbers(values: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([value, bytes]) =>
      Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) & 255),
    ),
  );
}

const sizeOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const dosTime = (at: Date): number =>
  (at.getHours() << 11) | (at.getMinutes() << 5) | Math.floor(at.getSeconds() / 2);
const dosDate = (at: Date): number =>
  ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();

/** ISO-HDLC, as ZIP uses it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}
