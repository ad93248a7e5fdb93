/**
 * Cutting a port's power for a moment and giving it back. What a switch is told survives its reboot and ours, so that a
 * box that dies between “off” and “on” would leave a camera dark for good: the “on” that is owed is put into the
 * device's cursor first, and “off” is sent only when that has been kept.
 */

export const OFF_ms = 5_000;
/** A camera has started again by then, or somebody has to go and look. */
export const RETURN_MS_MAX = 240_000;
/** A port is cycled once in so long: a camera that does not come back is not helped by being cut off again. */
export const CYCLE_INTERVAL_MS_MIN = 1_800_000;

export type CycleState = "idle" | "cycling" | "returned" | "missing";

export interface PortLook {
  readonly enabled: boolean;
  /** The device draws power and has its link. */
  readonly alive: boolean;
}

type Phase = "asked" | "kept" | "off" | "on" | "returned" | "missing";

interface Cycle {
  phase: Phase;
  /** When the phase began, milliseconds since the Unix epoch. */
  since: number;
  begun: number;
}

export class PowerCycles {
  readonly #cycles = new Map<number, Cycle>();
  #journalled: string;

  /** `cursor`: what an earlier session left; cycles that it did not end owe their “on”. */
  constructor(cursor: string | undefined) {
    for (const [port, begun, ended] of parse(cursor)) {
      this.#cycles.set(port, { phase: ended ? "returned" : "off", since: 0, begun });
    }
    this.#journalled = this.#entries();
  }

  /** Why it cannot be done, or undefined when it begins. */
  request(port: number, look: PortLook | undefined, now: number): string | undefined {
    if (look === undefined) return `port ${port} has not been read yet`;
    if (!look.enabled) return `the power of port ${port} is switched off; switch it on instead`;
    const before = this.#cycles.get(port);
    const waited = before === undefined ? CYCLE_INTERVAL_MS_MIN : Math.abs(now - before.begun);
    if (waited < CYCLE_INTERVAL_MS_MIN) {
      const minutes = Math.ceil((CYCLE_INTERVAL_MS_MIN - waited) / 60_000);
      return `port ${port} was power-cycled less than half an hour ago; again in ${minutes} min`;
    }
    this.#cycles.set(port, { phase: "asked", since: now, begun: now });
    return undefined;
  }

  /** What has to be switched now. To be asked only when the cursor of the reading before has been kept. */
  due(now: number): readonly { readonly port: number; readonly on: boolean }[] {
    return [...this.#cycles].flatMap(([port, { phase, since }]) => {
      const on = phase === "off" && now - since >= OFF_ms;
      return on || phase === "kept" ? [{ port, on }] : [];
    });
  }

  /** The device took the command. */
  switched(port: number, on: boolean, now: number): void {
    const cycle = this.#cycles.get(port);
    if (cycle !== undefined) Object.assign(cycle, { phase: on ? "on" : "off", since: now });
  }

  /** Takes in how the port looks now. */
  saw(port: number, look: PortLook, now: number): void {
    const cycle = this.#cycles.get(port);
    if (cycle?.phase !== "on") return;
    if (look.enabled && look.alive) cycle.phase = "returned";
    else if (now - cycle.since > RETURN_MS_MAX) cycle.phase = "missing";
  }

  state(port: number): CycleState {
    const phase = this.#cycles.get(port)?.phase;
    if (phase === undefined) return "idle";
    return phase === "returned" || phase === "missing" ? phase : "cycling";
  }

  /** The cursor to hand over with the next reading when it says something new; what was asked is kept with it. */
  cursor(): string | undefined {
    const entries = this.#entries();
    for (const cycle of this.#cycles.values()) if (cycle.phase === "asked") cycle.phase = "kept";
    if (entries === this.#journalled) return undefined;
    this.#journalled = entries;
    return entries;
  }

  /** Ports whose power is off because of us. */
  owed(): readonly number[] {
    return [...this.#cycles].flatMap(([port, { phase }]) => (phase === "off" ? [port] : []));
  }

  #entries(): string {
    return JSON.stringify(
      [...this.#cycles].map(([port, { begun, phase }]) => [
        port,
        begun,
        phase === "on" || phase === "returned" || phase === "missing",
      ]),
    );
  }
}

function parse(cursor: string | undefined): [port: number, begun: number, ended: boolean][] {
  if (cursor === undefined) return [];
  let entries: unknown;
  try {
    entries = JSON.parse(cursor);
  } catch {
    return [];
  }
  return Array.isArray(entries)
    ? entries.filter(
        (entry): entry is [number, number, boolean] =>
          Array.isArray(entry) &&
          Number.isInteger(entry[0]) &&
          typeof entry[1] === "number" &&
          typeof entry[2] === "boolean",
      )
    : [];
}
