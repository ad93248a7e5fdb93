/** A campus and the hub above it, without a wire: what each of them does with alarms. */
import type { Effect } from "../core/effect.ts";
import type { DataInput, Input } from "../core/input.ts";
import { AlarmBook, type BookEntry } from "../core/replica/book.ts";
import { BEGINNING } from "../core/replica/hybrid-clock.ts";
import { tellingOf } from "../core/replica/telling.ts";
import { newEngine, RULES } from "./campus.ts";

/** What both did with the same inputs of the campus; the hub above is told after each so many of them, and at the end. */
export function hubTree(inputs: readonly Input[], toldEvery: number) {
  const hub = (name: string) => {
    const kept = new Map<string, BookEntry>();
    const book = new AlarmBook({
      hub: name,
      shelf: { entry: (id) => kept.get(id), standingOf: () => [] },
      campusPath: (campus) => (campus === "school" ? "990100/990101/school" : campus),
      rule: (id) => RULES.find((rule) => rule.id === id),
      clock: BEGINNING,
    });
    const effects: Effect[] = [];
    const keep = (some: readonly Effect[]): void => {
      effects.push(...some);
      for (const [id, entry] of book.takeChanges().entries) kept.set(id, entry);
    };
    return { book, effects, keep, kept };
  };
  const [campus, county] = [hub("school"), hub("990101")];
  const engine = newEngine();
  const changed = new Map<string, DataInput>();
  const tell = (): void => {
    for (const input of changed.values()) county.keep(county.book.take(input, 0));
    changed.clear();
  };
  inputs.forEach((input, index) => {
    const own = engine.step(input);
    campus.book.observe(own);
    campus.keep(own);
    for (const effect of own) {
      const entry = effect.kind === "transition" ? campus.kept.get(effect.alarm.id) : undefined;
      if (effect.kind !== "transition" || entry === undefined) continue;
      const rule = RULES.find(({ id }) => id === effect.alarm.rule);
      const fields = tellingOf(effect.alarm, entry, "school", new Set(), rule);
      const event = {
        name: "HubAlarm/Changed",
        id: `${index}`,
        fields,
        quality: { status: "good" } as const,
      };
      const at = { seq: 0, receivedAt: input.receivedAt };
      changed.set(effect.alarm.id, {
        ...{ kind: "data", ...at, address: "school/hub/school", samples: [] },
        events: [{ ...event, eventTime: input.receivedAt, historical: false }],
      });
    }
    if (index % toldEvery === 0) tell();
  });
  tell();
  return { campus: campus.effects, county: county.effects };
}
