/** Work orders as the API answers them; see `../api/api.ts` for the rest. */
import type { AssetPath, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { WorkOrderAction, WorkOrderState } from "./core/life-cycle.ts";

export type { WorkOrderAction, WorkOrderState } from "./core/life-cycle.ts";

/** Of a hazard: 一般隐患 or 重大隐患, as the bureaus' registers tell them apart. */
export type HazardLevel = "general" | "major";

export interface WorkOrderView {
  /** Counts up from 1 on each hub. */
  readonly number: number;
  readonly title: string;
  readonly detail: string;
  readonly level: HazardLevel;
  /** Where it is. */
  readonly path: AssetPath;
  /** What it is about, where that is one device: its key, and its title at that time. */
  readonly device?: { readonly key: string; readonly title: LocalText };
  /** The alarm that it came from, with the raising it was about. */
  readonly alarm?: { readonly id: string; readonly occurrence: number };
  readonly state: WorkOrderState;
  /** Who is to mend it: a name, an account or a company. */
  readonly assignee?: string;
  readonly due?: Timestamp;
  /** True while it is due and nobody has said that it is done. */
  readonly overdue: boolean;
  readonly openedBy: string;
  readonly openedAt: Timestamp;
  readonly updatedAt: Timestamp;
  readonly photos: number;
}

export interface WorkOrderDetail extends WorkOrderView {
  readonly history: readonly WorkOrderEntry[];
  readonly pictures: readonly WorkOrderPhoto[];
}

export interface WorkOrderEntry {
  readonly at: Timestamp;
  readonly action: WorkOrderAction;
  readonly from: WorkOrderState;
  readonly to: WorkOrderState;
  /** The account that did it. */
  readonly by: string;
  readonly note: string;
  readonly assignee?: string;
  readonly due?: Timestamp;
  /** Who looked at the mended thing and found it mended. */
  readonly verifier?: string;
}

export interface WorkOrderPhoto {
  readonly id: number;
  readonly at: Timestamp;
  readonly by: string;
  readonly contentType: string;
  readonly bytes: number;
  /** The state that the order was in: what the picture shows, the fault or the repair. */
  readonly state: WorkOrderState;
}

export interface WorkOrderList {
  readonly orders: readonly WorkOrderView[];
  /** Pass as `before` for the next page; absent on the last. */
  readonly before?: number;
  /** Of all that the caller may see, whatever was asked for. */
  readonly counts: { readonly open: number; readonly overdue: number; readonly toVerify: number };
}

/** About an alarm, a device, or a place: the first that is there tells where it is. */
export interface NewWorkOrder {
  readonly alarm?: string;
  readonly device?: string;
  readonly path?: AssetPath;
  readonly title: string;
  readonly detail?: string;
  readonly level?: HazardLevel;
  readonly assignee?: string;
  readonly due?: Timestamp;
}

/** What whoever mends it does. `done` says in `note` what was done. */
export interface WorkOrderProgress {
  readonly action: "done" | "note";
  readonly note: string;
}

/** What whoever answers for it decides. */
export interface WorkOrderDecision {
  readonly action: "assign" | "verify" | "reject" | "cancel" | "reopen";
  readonly note?: string;
  /** For `assign`. */
  readonly assignee?: string;
  readonly due?: Timestamp;
  /** For `verify`: somebody else than the assignee. */
  readonly verifier?: string;
}
