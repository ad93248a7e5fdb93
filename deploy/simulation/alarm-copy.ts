/** The rules process: the real engine, its state and its alarms on a simulated disk. */
import { type DecodedEntry, JournalDecoder } from "@campus-ops/broker/journal/decoder";
import type { StoredDevice } from "@campus-ops/rules/core/device";
import type { Effect, TransitionEffect } from "@campus-ops/rules/core/effect";
import { Engine, type EngineState } from "@campus-ops/rules/core/engine";
import type { StoredMonitor } from "@campus-ops/rules/core/monitor";
import { inputsOf } from "@campus-ops/rules/inputs";
import type { JournalView } from "./journal.ts";
import type { Random } from "./random.ts";
import { ENGINE } from "./site.ts";
import { Machine, type World } from "./world.ts";

const READ_MS = 5;
const BATCH_ENTRIES_MAX = 64;
/** Entries that change no alarm wait so long for company. */
const COMMIT_MS = 250;

/** What one transition comes down to. */
export interface AlarmRow {
  readonly alarm: string;
  readonly rule: string;
  readonly device: string;
  readonly event: string;
  readonly at: number;
  readonly occurrence: number;
}

export function alarmRow({ alarm, transition }: TransitionEffect): AlarmRow {
  const { at, event, occurrence } = transition;
  return { alarm: alarm.id, rule: alarm.rule, device: alarm.device.key, event, at, occurrence };
}

export function effectsOf(engine: Engine, entry: DecodedEntry): readonly Effect[] {
  return inputsOf(entry).flatMap((input) => [...engine.step(input)]);
}

export class Rules extends Machine {
  readonly #disk = this.disk();
  /** As JSON, like the real store: a row is what it was when it was written, whatever the engine does next. */
  readonly #head = this.#disk.table<"head", string>();
  readonly #devices = this.#disk.table<number, string>();
  readonly #monitors = this.#disk.table<number, string>();
  readonly #rows = this.#disk.table<number, AlarmRow>();
  readonly #view: JournalView;
  #engine: Engine | undefined;
  #decoder = new JournalDecoder();
  #seq = 0;
  #reading = false;
  #committing = false;

  constructor(world: World, random: Random, view: JournalView) {
    super(world, "rules", random);
    this.#view = view;
  }

  get isCaughtUp(): boolean {
    return this.#engine !== undefined && this.#seq === this.#view.last;
  }

  get rows(): readonly AlarmRow[] {
    return [...this.#rows.values()];
  }

  /** Samples and events taken. */
  get inputs(): number {
    return this.#engine?.counters.inputs ?? 0;
  }

  protected boot(): void {
    const state = this.#load();
    this.#seq = state?.seq ?? 0;
    this.#reading = false;
    this.#committing = false;
    this.#engine = new Engine(ENGINE, state);
    this.#decoder = new JournalDecoder();
    this.#decoder.prime(this.#view.births(this.#seq));
    this.read();
  }

  protected died(): void {
    this.#engine = undefined;
  }

  /** Reads on, if it does not already. */
  read(): void {
    if (this.#reading || this.#engine === undefined) return;
    this.#reading = true;
    this.after(READ_MS, () => {
      this.#reading = false;
      this.#take();
      if (!this.isCaughtUp) this.read();
    });
  }

  commit(rows: readonly AlarmRow[] = []): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const { devices, forgotten, monitors } = engine.takeChanges();
    const head = JSON.stringify({ ...engine.saveHead(), seq: this.#seq });
    this.world.pieces.commit(
      this.#disk,
      () => {
        for (const row of rows) this.#rows.put(this.#rows.size, row);
      },
      () => {
        for (const device of devices) this.#devices.put(device.ordinal, JSON.stringify(device.save()));
        for (const ordinal of forgotten) this.#monitors.delete(ordinal);
        for (const monitor of monitors) this.#monitors.put(monitor.ordinal, JSON.stringify(monitor.save()));
        this.#head.put("head", head);
      },
    );
  }

  #load(): EngineState | undefined {
    const head = this.#head.get("head");
    if (head === undefined) return undefined;
    const devices = [...this.#devices.values()].map((json) => JSON.parse(json) as StoredDevice);
    const monitors = [...this.#monitors.values()].map((json) => JSON.parse(json) as StoredMonitor);
    return {
      ...(JSON.parse(head) as Omit<EngineState, "devices" | "monitors">),
      devices: devices.toSorted((a, b) => a.ordinal - b.ordinal),
      monitors: monitors.toSorted((a, b) => a.ordinal - b.ordinal),
    };
  }

  #take(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const rows: AlarmRow[] = [];
    for (const entry of this.#view.read(this.#seq, BATCH_ENTRIES_MAX)) {
      for (const effect of effectsOf(engine, this.#decoder.decode(entry)))
        if (effect.kind === "transition") rows.push(alarmRow(effect));
      this.#seq = entry.seq;
    }
    if (rows.length > 0) this.commit(rows);
    else if (!this.#committing) {
      this.#committing = true;
      this.after(COMMIT_MS, () => {
        this.#committing = false;
        this.commit();
      });
    }
  }
}
