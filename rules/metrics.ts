import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Counter, Gauge, type Registry } from "@campus-ops/service";
import type { Engine } from "./core/engine.ts";
import { ALARM_STATES } from "./core/lifecycle.ts";
import type { AlarmBook } from "./core/replica/book.ts";
import type { Follower } from "./feed/follower.ts";
import type { LiveStream } from "./http/live-stream.ts";
import type { RulesStore } from "./store/rules-store.ts";

export interface Observed {
  readonly book: AlarmBook;
  readonly engine: () => Engine;
  readonly follower: Follower;
  readonly store: RulesStore;
  readonly stream: LiveStream;
  readonly now: () => Timestamp;
}

/** What is counted is kept by those who count; it is read when somebody asks. */
export function observe(registry: Registry, { book, engine, follower, store, stream, now }: Observed): void {
  const registers = [registry];
  const total = (name: string, help: string, value: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  };
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  total("rules_entries_total", "Journal entries taken since the start", () => follower.entries);
  total(
    "rules_unreadable_entries_total",
    "Journal entries whose payload could not be read",
    () => follower.unreadable,
  );
  total("rules_inputs_total", "Samples and events taken, over all starts", () => engine().counters.inputs);
  total("rules_late_inputs_total", "Of these, too old to raise a live alarm", () => engine().counters.late);
  total(
    "rules_errors_total",
    "Conditions that failed with a programming error",
    () => engine().counters.ruleErrors,
  );
  total(
    "rules_instances_refused_total",
    "Instances not followed because a rule had too many on one device",
    () => engine().counters.instancesRefused,
  );
  gauge("rules_lag_seconds", "Age of the newest journal entry taken", () =>
    follower.receivedAt === 0 ? 0 : Math.max(0, now() - follower.receivedAt) / 1000,
  );
  total("rules_told_refused_total", "Alarms told by a hub below and not taken", () =>
    [...book.refused.values()].reduce((sum, count) => sum + count, 0),
  );
  gauge("rules_told_owed", "Alarms of hubs below that have not heard yet what was done here", () =>
    store.replicas.owedCount(),
  );
  gauge("rules_stream_clients", "Readers of the live stream", () => stream.clients);
  new Gauge({
    name: "rules_alarms",
    help: "Alarms by state, normal left out",
    labelNames: ["state"],
    registers,
    collect() {
      const counts = new Map<string, number>(
        ALARM_STATES.filter((state) => state !== "normal").map((state) => [state, 0]),
      );
      for (const { alarm } of engine().standing())
        counts.set(alarm.state, (counts.get(alarm.state) ?? 0) + 1);
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
}
