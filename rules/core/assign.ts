/**
 * Giving an alarm to a person, and taking it back. Whose it is says nothing of its state, asks nothing of the life cycle,
 * and belongs to one raising: the next begins with nobody.
 */
import type { AlarmView } from "../api.ts";
import type { RefusalReason } from "./effect.ts";
import type { ActionInput } from "./input.ts";

/** Of a person's name. */
export const ASSIGNEE_CHARACTERS_MAX = 128;

export type Assignment = NonNullable<AlarmView["assigned"]>;

/** The last decision about whose an alarm is; `to` is null when it was taken back. */
interface Standing {
  readonly to: string | null;
  readonly by: string;
}

/** Whom an action gives the alarm to, null for nobody; or why it gives it to no one. */
export function assigneeOf(
  { assignee, by }: Pick<ActionInput, "assignee" | "by">,
  standing: Standing | undefined,
): { readonly to: string | null } | { readonly reason: RefusalReason; readonly detail: string } {
  if (assignee === undefined)
    return invalid("giving an alarm to a person needs an assignee: a name, or null to take it back");
  const to = assignee === null ? null : assignee.trim();
  if (to === "") return invalid("the assignee's name is empty; null takes the alarm back");
  if (to !== null && to.length > ASSIGNEE_CHARACTERS_MAX)
    return invalid(`the assignee's name is longer than ${ASSIGNEE_CHARACTERS_MAX} characters`);
  const known = standing?.to ?? null;
  if (to === null && known === null) return { reason: "no-such-transition", detail: "it is given to nobody" };
  if (to === known && by === standing?.by)
    return { reason: "no-such-transition", detail: `it is already given to ${to}` };
  return { to };
}

const invalid = (detail: string) => ({ reason: "invalid-request", detail }) as const;
