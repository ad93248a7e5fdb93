/** Bundles on the hub's disk: taken from a stream, judged, and only then there, under the SHA-256 of their bytes. */
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BundleView } from "@campus-ops/dashboards/updates";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { BundleError, type BundleFacts, REFUSALS, readBundle } from "./bundle.ts";
import type { UpdateStore } from "./update-store.ts";

export const BUNDLE_BYTES_MAX = 2 * 1024 ** 3;
export const BUNDLES_MAX = 20;
/** Left free for what a hub is there for. */
const FREE_BYTES_MIN = 2 * 1024 ** 3;
const UPLOADS_AT_ONCE_MAX = 2;

/** Why a bundle is not taken, or not let go, in words for the person who asked. */
export class ShelfError extends Error {
  override readonly name = "ShelfError";
  readonly said: LocalText;
  constructor(said: LocalText) {
    super(said.en);
    this.said = said;
  }
}

export interface ShelfOptions {
  readonly folder: string;
  readonly store: UpdateStore;
  /** PEM of the roots that sign bundles; undefined: none are taken. */
  readonly keyring: string | undefined;
  readonly now: () => number;
  /** {@link BUNDLE_BYTES_MAX} unless said. */
  readonly bytesMax?: number;
}

export class BundleShelf {
  readonly #options: ShelfOptions;
  #uploads = 0;

  constructor(options: ShelfOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    // What a crash left of an upload.
    for (const name of readdirSync(options.folder))
      if (name.endsWith(".part")) rmSync(join(options.folder, name));
  }

  get takesBundles(): boolean {
    return this.#options.keyring !== undefined;
  }

  /** Whose file is there: a hub that was put back from a backup has the list without the files. */
  bundles(): readonly BundleView[] {
    return this.#options.store.bundles().filter(({ sha256 }) => existsSync(this.file(sha256)));
  }

  find(sha256: string): BundleView | undefined {
    return this.bundles().find((bundle) => bundle.sha256 === sha256);
  }

  file(sha256: string): string {
    return join(this.#options.folder, `${sha256}.raucb`);
  }

  /** Rejects with {@link ShelfError}; nothing of what was sent stays then. */
  async take(content: AsyncIterable<Buffer>, by: string): Promise<BundleView> {
    const { folder, keyring, now, store } = this.#options;
    if (keyring === undefined)
      throw new ShelfError({
        zh: "平台没有配置更新包的信任根（enrolment.updates.keyring），不接收更新包",
        en: "this hub trusts nobody's bundles: name the signing root in enrolment.updates.keyring of its configuration",
      });
    this.#demandRoom();
    const part = join(folder, `${randomUUID()}.part`);
    this.#uploads += 1;
    try {
      const { bytes, sha256 } = await this.#receive(content, part);
      const facts = await readBundle(part, keyring);
      await rename(part, this.file(sha256));
      const bundle = { sha256, bytes, ...facts, uploadedAt: now(), by } satisfies BundleView & BundleFacts;
      store.addBundle(bundle);
      return bundle;
    } catch (error) {
      if (error instanceof BundleError) throw new ShelfError(REFUSALS[error.code]);
      throw error;
    } finally {
      this.#uploads -= 1;
      rmSync(part, { force: true });
    }
  }

  remove(sha256: string): void {
    this.#options.store.removeBundle(sha256);
    rmSync(this.file(sha256), { force: true });
  }

  #demandRoom(): void {
    const { folder } = this.#options;
    if (this.#uploads >= UPLOADS_AT_ONCE_MAX)
      throw new ShelfError({
        zh: "正在接收其他更新包，请稍后再传",
        en: "other bundles are being taken; try again shortly",
      });
    if (this.bundles().length >= BUNDLES_MAX)
      throw new ShelfError({
        zh: `平台上已有 ${BUNDLES_MAX} 个更新包，请先删除旧的`,
        en: `the hub keeps ${BUNDLES_MAX} bundles already; delete one first`,
      });
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < FREE_BYTES_MIN)
      throw new ShelfError({ zh: "平台磁盘空间不足", en: "the hub's disk has no room for a bundle" });
  }

  async #receive(
    content: AsyncIterable<Buffer>,
    part: string,
  ): Promise<{ readonly bytes: number; readonly sha256: string }> {
    const { bytesMax = BUNDLE_BYTES_MAX } = this.#options;
    const hash = createHash("sha256");
    let bytes = 0;
    const measured = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        hash.update(chunk);
        if (bytes > bytesMax)
          done(
            new ShelfError({
              zh: `更新包超过 ${bytesMax} 字节`,
              en: `the bundle is larger than ${bytesMax} bytes`,
            }),
          );
        else done(undefined, chunk);
      },
    });
    await pipeline(content, measured, createWriteStream(part, { mode: 0o600, flags: "wx", flush: true }));
    return { bytes, sha256: hash.digest("hex") };
  }
}
