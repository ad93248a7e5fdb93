/** A reading decides whether an alarm is confirmed: the alarm learns the outcome, and the reading itself stays here. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { type Log, Problem } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import { outcomeOf, type Rule } from "../core/rule.ts";
import type { AlarmRecord } from "../core/view.ts";
import type { PeopleAct } from "../feed/follower.ts";
import type { ConfirmationView, NewConfirmation } from "./api.ts";
import type { ConfirmationStore } from "./store.ts";

/** How often what is past its time is looked for. */
export const PRUNE_MS = 3_600_000;

export interface ConfirmationParts {
  readonly confirmations: ConfirmationStore;
  /** Alarms that this hub raises itself. */
  readonly alarm: (id: string) => AlarmRecord | undefined;
  readonly rule: (id: string) => Rule | undefined;
  /** Throws where a person asks for what cannot be done. */
  readonly act: (action: PeopleAct) => void;
  readonly now: () => Timestamp;
}

const bodyOf = { celsius: { type: "number" }, by: { type: "string", minLength: 1, maxLength: 128 } } as const;

export function confirmationRoutes(server: FastifyInstance, parts: ConfirmationParts): void {
  const { confirmations } = parts;
  server.get<{ Params: { id: string } }>(
    "/alarms/:id/confirmations",
    ({ params }): readonly ConfirmationView[] => confirmations.ofAlarm(params.id),
  );

  server.post<{ Params: { id: string }; Body: NewConfirmation }>(
    "/alarms/:id/confirmations",
    {
      schema: {
        body: {
          type: "object",
          required: ["by", "celsius"],
          additionalProperties: false,
          properties: bodyOf,
        },
      },
    },
    ({ params: { id }, body: { by, celsius } }): ConfirmationView => {
      const alarm = parts.alarm(id);
      if (alarm === undefined)
        throw new Problem(404, "No such alarm", `this hub raises no alarm ${id}`, `本平台没有报警 ${id}`);
      const confirm = parts.rule(alarm.rule)?.confirm;
      if (confirm === undefined)
        throw new Problem(
          409,
          "Nothing to confirm",
          "no reading confirms an alarm of this rule",
          "这类报警不需要复测",
        );
      const outcome = outcomeOf(confirm, celsius);
      if (outcome === undefined)
        throw new Problem(
          400,
          "No such temperature",
          `a contact thermometer reads from ${confirm.from} to ${confirm.to} °C; measure again`,
          `接触式体温计的读数在 ${confirm.from} 至 ${confirm.to} °C 之间，请重新测量`,
        );
      const confirmation = { occurrence: alarm.occurrence, at: parts.now(), by, outcome, celsius };
      // The reading first: an outcome without one could never be explained.
      const row = confirmations.add(id, confirmation);
      const action = outcome === "confirmed" ? "confirm" : "refute";
      try {
        parts.act({ kind: "action", alarm: id, action, by, receivedAt: confirmation.at });
      } catch (error) {
        confirmations.remove(row);
        throw error;
      }
      return confirmation;
    },
  );
}

/** Keeps readings no longer than they may be kept. Answers with how it is stopped. */
export function keepToTime(store: ConfirmationStore, log: Log, now: () => Timestamp): () => void {
  const prune = (): void => {
    const deleted = store.prune(now());
    if (deleted > 0) log.info({ deleted }, "readings past their time were deleted");
  };
  prune();
  const timer = setInterval(prune, PRUNE_MS);
  return () => clearInterval(timer);
}
