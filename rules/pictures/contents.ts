/** The pictures themselves: ingest keeps them, and no longer than pictures are kept. */
import { createHash } from "node:crypto";
import type { Log } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { AlarmPictureView } from "../api.ts";
import type { PictureFiles } from "../evidence/picture-section.ts";
import type { PictureRows } from "../store/pictures.ts";

const ANSWER_MS_MAX = 10_000;

export interface PictureContents {
  /** Undefined when it is no longer kept. Throws when ingest does not answer. */
  content(picture: AlarmPictureView): Promise<Uint8Array | undefined>;
  /** The newest of them that fit, by SHA-256. */
  of(pictures: readonly AlarmPictureView[], bytes_max: number): Promise<PictureFiles>;
}

export function pictureContents(
  ingest: Pick<SocketClient, "fetch">,
  rows: Pick<PictureRows, "requestOf">,
  log: Log,
): PictureContents {
  const content = async ({ id, sha256 }: AlarmPictureView): Promise<Uint8Array | undefined> => {
    const request = rows.requestOf(id);
    if (request === undefined || sha256 === undefined) return undefined;
    const response = await ingest.fetch(`/pictures/${request}/content`, {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const data = new Uint8Array(await response.arrayBuffer());
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`ingest answers ${response.status}`);
    if (createHash("sha256").update(data).digest("hex") === sha256) return data;
    log.error(
      { picture: id, sha256 },
      "a picture on the disk is not the one that was taken; it is not shown",
    );
    return undefined;
  };
  return {
    content,
    of: async (pictures, bytes_max) => {
      const files = new Map<string, Uint8Array>();
      let left = bytes_max;
      for (const picture of pictures.toReversed()) {
        const { bytes = 0, sha256 } = picture;
        if (sha256 === undefined || files.has(sha256) || bytes > left) continue;
        const data = await content(picture);
        if (data === undefined) continue;
        files.set(sha256, data);
        left -= data.length;
      }
      return files;
    },
  };
}
