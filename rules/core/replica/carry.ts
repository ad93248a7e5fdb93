import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Effect } from "../effect.ts";
import type { Engine } from "../engine.ts";
import type { ActionInput } from "../input.ts";
import type { AlarmReplica } from "./alarm-replica.ts";
import type { AlarmBook } from "./book.ts";

/**
 * Does here what was done to an alarm on another hub; undefined where the alarm is unknown. The engine refuses what its
 * table does not allow, and has the last word on its own alarms.
 */
export function carryOver(
  engine: Engine,
  book: AlarmBook,
  said: AlarmReplica,
  seq: number,
  receivedAt: Timestamp,
): { readonly effects: readonly Effect[]; readonly actions: readonly ActionInput[] } | undefined {
  const heard = book.hear(said.id, said, seq, receivedAt);
  if (heard === undefined) return undefined;
  const effects = [...heard.effects];
  const actions: ActionInput[] = [];
  for (const errand of heard.errands) {
    const input: ActionInput = { kind: "action", seq, receivedAt, ...errand };
    const done = engine.step(input);
    if (done.some(({ kind }) => kind === "refused")) continue;
    book.observe(done, new Set([errand.by]));
    effects.push(...done);
    actions.push(input);
  }
  const standing = engine.alarm(said.id);
  if (standing !== undefined) book.settle(standing, receivedAt);
  return { effects, actions };
}
