/** Where a camera's clips come from: the box that listens to it, or the recorder that records it. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { PictureTaken } from "../supervisor/supervisor.ts";
import type { ClipRecorder } from "./recorder.ts";
import type { Replayed } from "./replayed.ts";

const NO_CLIPS: PictureTaken = { reason: "unsupported", detail: "nobody keeps what this camera films" };

export class ClipSource {
  readonly #ring: ClipRecorder | undefined;
  readonly #replayed: Replayed | undefined;

  constructor(ring: ClipRecorder | undefined, replayed: Replayed | undefined) {
    this.#ring = ring;
    this.#replayed = replayed;
  }

  get heldBytes(): number {
    return this.#ring?.heldBytes ?? 0;
  }

  get overflows(): number {
    return this.#ring?.overflows ?? 0;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#ring?.run(signal);
  }

  /** The box's own first: it is there sooner. What it has not kept, the recorder may have. Never rejects. */
  async take(at: Timestamp, signal: AbortSignal): Promise<PictureTaken> {
    const own = await this.#ring?.take(at);
    if (own !== undefined && "data" in own) return own;
    const replayed = await this.#replayed?.take(at, signal);
    if (replayed === undefined || "data" in replayed || own === undefined) return replayed ?? own ?? NO_CLIPS;
    return { ...replayed, detail: `${own.detail}; ${replayed.detail}` };
  }
}
