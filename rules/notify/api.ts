/** What rules answers about telling people; see `rules/api.ts` for the rest. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DeskSummary } from "../core/people/hand-over.ts";

export type { ChannelDocument, NotifyDocument } from "./configuration.ts";
export type { DeskSummary };

export interface ChannelView {
  readonly id: string;
  readonly kind: string;
  /** False while it takes no message; its alarm says since when. */
  readonly alive: boolean;
  /** What it said last; empty before its first message. */
  readonly detail: string;
  readonly waiting: number;
}

export interface DeskView {
  readonly id: string;
  readonly title: LocalText;
  readonly scope: readonly string[];
  readonly channels: readonly string[];
  readonly staffed: boolean;
  /** Who took it over last. */
  readonly held?: { readonly by: string; readonly since: Timestamp };
}

/** A desk given from one person to the next, with what stood there then. */
export interface HandOverView {
  readonly id: number;
  readonly desk: string;
  readonly at: Timestamp;
  /** Both have to say so. */
  readonly from: string;
  readonly to: string;
  readonly note?: string;
  readonly summary: DeskSummary;
}

export interface NewHandOver {
  readonly from: string;
  readonly to: string;
  readonly note?: string;
}

/** One message to one recipient: the receipt of who was told, or why not. */
export interface NotificationView {
  readonly id: number;
  readonly alarm: string;
  readonly channel: string;
  readonly recipient: string;
  readonly desk: string;
  readonly kind: "raised" | "escalated" | "settled" | "test";
  readonly state: "waiting" | "delivered" | "given-up";
  readonly createdAt: Timestamp;
  readonly attempts: number;
  readonly settledAt?: Timestamp;
  readonly detail?: string;
}
