import type { WorkOrderAction, WorkOrderState } from "../../api/api.ts";

export type StepAction = Exclude<WorkOrderAction, "register" | "photo">;

/** A day that something is due on means its end of work. */
export const WORKING_DAY_END_MINUTES = 18 * 60;

/** What can be done next, the usual first. The server's table decides; this only spares buttons that would be refused. */
export const NEXT_STEPS: Readonly<Record<WorkOrderState, readonly StepAction[]>> = {
  registered: ["assign", "note", "cancel"],
  assigned: ["done", "note", "assign", "cancel"],
  done: ["verify", "reject", "note"],
  verified: ["note", "reopen"],
  cancelled: ["note", "reopen"],
};

export const takesPhotos = (state: WorkOrderState): boolean => state !== "verified" && state !== "cancelled";

/** Where a step is sent: what whoever mends it does, or what whoever answers for it decides. */
export const routeOf = (action: StepAction): "progress" | "decisions" =>
  action === "done" || action === "note" ? "progress" : "decisions";

/** Steps that are nothing without words. */
export const needsNote = (action: StepAction): boolean => action !== "assign" && action !== "verify";
