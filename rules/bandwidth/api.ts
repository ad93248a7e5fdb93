/** What rules answers about the bandwidth of classes; see `rules/api.ts` for the rest. */
import type { AssetPath, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { BandwidthShares, BandwidthTotals, RoomBandwidth } from "../core/bandwidth/figures.ts";

export type BandwidthGroup = "campus" | "county" | "city" | "none";

/** Which classes, and when. */
export interface BandwidthAsked {
  /** Everything at or below one of these asset paths; "" is all. */
  readonly scopes: readonly (AssetPath | "")[];
  readonly from: Timestamp;
  /** Excluded. Traffic is measured in the last 31 days of the range; links are as they are now. */
  readonly to: Timestamp;
}

export interface BandwidthFigure extends BandwidthTotals, BandwidthShares {
  /** Asset path, or "all". */
  readonly key: string;
  readonly title: LocalText;
}

/** What stands behind a figure: one class's room. */
export interface RoomBandwidthView extends RoomBandwidth {
  readonly title: LocalText;
}
