/**
 * A backup as one file: a tar of its folder, compressed by zstd, encrypted by age (age-encryption.org/v1). Whoever has
 * the identity can open it with the ordinary programs, too: `age -d -i key backup.tar.zst.age | tar --zstd -x`.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { createZstdCompress, createZstdDecompress } from "node:zlib";
import { OperatorError } from "@campus-ops/service";
import { Decrypter, Encrypter } from "age-encryption";
import { create, Unpack } from "tar";

export const EXTENSION = ".tar.zst.age";

type Bytes = globalThis.ReadableStream<Uint8Array>;

const toWeb = (stream: Readable): Bytes => Readable.toWeb(stream) as unknown as Bytes;
const fromWeb = (stream: Bytes): Readable =>
  Readable.fromWeb(stream as unknown as ReadableStream<Uint8Array>);

/** `recipients` are age's, `age1…`: whoever holds the identity of one of them can read it. */
export async function pack(
  folder: string,
  file: string,
  recipients: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  // No owners and no groups: it is restored as whoever restores it.
  const packed = Readable.from(create({ cwd: folder, portable: true }, ["."]));
  const compressed = createZstdCompress();
  const compressing = pipeline(packed, compressed, { signal });
  const encrypted = await encrypter.encrypt(toWeb(compressed));
  await Promise.all([
    compressing,
    pipeline(fromWeb(encrypted), createWriteStream(file, { mode: 0o600, flush: true }), { signal }),
  ]);
}

/** Into `folder`, which is made. Throws an {@link OperatorError} for what is no backup or is not for this identity. */
export async function unpack(
  file: string,
  folder: string,
  identity: string,
  signal: AbortSignal,
): Promise<void> {
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw new OperatorError("that is no identity of age; it begins with AGE-SECRET-KEY-");
  }
  const encrypted = createReadStream(file);
  const decrypted = await decrypter.decrypt(toWeb(encrypted)).catch((error: unknown) => {
    encrypted.destroy();
    throw new OperatorError(
      `${file} cannot be opened with this identity, or is no backup (${error instanceof Error ? error.message : error})`,
    );
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Links and absolute paths are none of ours, and are refused.
  const unpacking = new Unpack({
    cwd: folder,
    strict: true,
    filter: (_, entry) => "type" in entry && (entry.type === "File" || entry.type === "Directory"),
  });
  try {
    await pipeline(fromWeb(decrypted), createZstdDecompress(), written(unpacking), { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new OperatorError(
      `${file} is damaged or was cut off (${error instanceof Error ? error.message : error}); nothing was restored from it`,
    );
  }
}

/** Ends when everything is on the disk. */
function written(unpacking: Unpack): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      if (unpacking.write(chunk)) done();
      else unpacking.once("drain", () => done());
    },
    flush(done) {
      unpacking.once("close", () => done());
      unpacking.once("error", done);
      unpacking.end();
    },
  });
}
