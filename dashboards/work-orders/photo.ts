/** What a picture is, by its content: what a sender calls it proves nothing. */

/** Larger than a telephone's picture after the console made it smaller; a raw one of 12 megapixels fits too. */
export const PHOTO_BYTES_MAX = 6 * 1024 * 1024;
export const PHOTOS_PER_ORDER_MAX = 12;

/** `image/jpeg`, `image/png` or `image/webp`; undefined for everything else, SVG and its scripts among it. */
export function photoType(content: Uint8Array): string | undefined {
  const begins = (bytes: readonly number[], at = 0): boolean =>
    bytes.every((byte, index) => content[at + index] === byte);
  if (begins([0xff, 0xd8, 0xff]) && endsLikeJpeg(content)) return "image/jpeg";
  if (begins([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  // RIFF, four bytes of length, WEBP
  if (begins([0x52, 0x49, 0x46, 0x46]) && begins([0x57, 0x45, 0x42, 0x50], 8)) return "image/webp";
  return undefined;
}

/** EOI, perhaps with a few bytes of padding after it: a picture that was cut short has none. */
function endsLikeJpeg(content: Uint8Array): boolean {
  for (let at = content.length - 2; at > Math.max(2, content.length - 64); at -= 1) {
    if (content[at] === 0xff && content[at + 1] === 0xd9) return true;
  }
  return false;
}
