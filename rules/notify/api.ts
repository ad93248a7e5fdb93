/** What rules answers about telling people; see `rules/api.ts` for the rest. */
import type { LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";

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
