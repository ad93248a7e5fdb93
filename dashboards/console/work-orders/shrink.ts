/** Long enough to read a serial number, small enough for a school's uplink. */
const EDGE_PX_MAX = 1_920;
const JPEG_QUALITY = 0.85;

/**
 * A telephone's picture made smaller. Drawing it anew also leaves behind what the telephone wrote into it: where it was
 * taken, and by which telephone. Undefined for what the browser cannot read as a picture.
 */
export async function shrunkPicture(file: Blob): Promise<Blob | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const scale = Math.min(1, EDGE_PX_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) =>
    canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY),
  );
  return blob ?? undefined;
}
