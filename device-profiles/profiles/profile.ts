import type { DeviceClass, LocalText } from "../vocabulary/index.ts";

/** How far a profile has been proven: against recorded or published vectors, an independent peer, or real hardware. */
export type Proven = "vectors" | "peer" | "hardware";

/** What every profile says, whatever protocol its device speaks. */
export interface ProfileCommon {
  /** `<class>/<vendor-model>`, the path of its file under `profiles/`. */
  readonly id: string;
  readonly vendor: string;
  readonly model: string;
  readonly title: LocalText;
  readonly class: DeviceClass;
  readonly proven: Proven;
  /** Documents its numbers were taken from: title, edition, clause. */
  readonly sources: readonly string[];
  /** How often to look, unless the site's configuration says otherwise. */
  readonly pollInterval_ms: number;
  /** Of a profile that was read from a document: another one whenever the document says something else. */
  readonly revision?: string;
}
