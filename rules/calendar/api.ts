/** What the school calendar is written as, and what a change of it would change. */
export type { CalendarDocument } from "./document.ts";

/** From one day to another, both included, as YYYY-MM-DD. */
export interface CalendarChange {
  readonly from: string;
  readonly to: string;
  /** True where they become school days, false where they are none any more. */
  readonly school: boolean;
}
