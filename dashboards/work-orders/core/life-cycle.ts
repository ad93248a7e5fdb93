/**
 * The life cycle of a work order: the bureaus' loop of hazard inspection and rectification (隐患排查整改), as a table.
 * Registered, assigned, mended, verified by somebody else; what was not mended well goes back.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";

export const WORK_ORDER_STATES = ["registered", "assigned", "done", "verified", "cancelled"] as const;
export type WorkOrderState = (typeof WORK_ORDER_STATES)[number];

export const WORK_ORDER_ACTIONS = [
  "register",
  "assign",
  "done",
  "verify",
  "reject",
  "cancel",
  "reopen",
  "note",
  "photo",
] as const;
export type WorkOrderAction = (typeof WORK_ORDER_ACTIONS)[number];

/** States in which somebody still has something to do. */
export const OPEN_STATES: readonly WorkOrderState[] = ["registered", "assigned", "done"];

type Row = Readonly<Partial<Record<WorkOrderAction, WorkOrderState>>>;

/** What each action leads to; one that is not there is refused. Nothing is ever taken out of the history. */
export const LIFE_CYCLE: Readonly<Record<WorkOrderState, Row>> = {
  registered: { assign: "assigned", cancel: "cancelled", note: "registered", photo: "registered" },
  assigned: { assign: "assigned", done: "done", cancel: "cancelled", note: "assigned", photo: "assigned" },
  done: { verify: "verified", reject: "assigned", note: "done", photo: "done" },
  verified: { reopen: "registered", note: "verified" },
  cancelled: { reopen: "registered", note: "cancelled" },
};

export interface Step {
  readonly action: WorkOrderAction;
  readonly note: string;
  readonly assignee?: string;
  readonly due?: Timestamp;
  readonly verifier?: string;
}

export interface Standing {
  readonly state: WorkOrderState;
  readonly assignee?: string;
}

/** Why a step cannot be taken; each is told to a person. */
export type StepProblem =
  | "no-such-transition"
  | "assignee-missing"
  | "note-missing"
  | "verifier-missing"
  | "verifier-mended-it"
  | "due-is-past";

/** Actions that say nothing without words. */
const SAID: ReadonlySet<WorkOrderAction> = new Set(["done", "reject", "cancel", "reopen", "note"]);

/** The state that `step` leads to, or why it cannot be taken. */
export function stepOrder(
  standing: Standing,
  step: Step,
  now: Timestamp,
): { readonly to: WorkOrderState } | { readonly problem: StepProblem } {
  const to = LIFE_CYCLE[standing.state][step.action];
  if (to === undefined) return { problem: "no-such-transition" };
  if (SAID.has(step.action) && step.note.trim() === "") return { problem: "note-missing" };
  if (step.action === "assign") {
    if ((step.assignee ?? "").trim() === "") return { problem: "assignee-missing" };
    if (step.due !== undefined && step.due <= now) return { problem: "due-is-past" };
  }
  if (step.action === "verify") {
    const verifier = sameName(step.verifier ?? "");
    if (verifier === "") return { problem: "verifier-missing" };
    // Who mended it does not judge it.
    if (verifier === sameName(standing.assignee ?? "")) return { problem: "verifier-mended-it" };
  }
  return { to };
}

const sameName = (name: string): string => name.trim().toLowerCase();

/** Overdue is what nobody has said to be done in time. */
export function isOverdue(state: WorkOrderState, due: Timestamp | undefined, now: Timestamp): boolean {
  return due !== undefined && now > due && (state === "registered" || state === "assigned");
}
