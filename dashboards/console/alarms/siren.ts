import type { Priority } from "@campus-ops/rules/api";

interface Note {
  readonly at_s: number;
  readonly hertz: number;
  readonly length_s: number;
}

/** One round of each priority's sound. The more urgent, the shorter the round and the less silence in it. */
const ROUNDS: Readonly<
  Record<Priority, { readonly length_s: number; readonly gain: number; readonly notes: readonly Note[] }>
> = {
  1: {
    length_s: 1.2,
    gain: 0.5,
    notes: [
      { at_s: 0, hertz: 880, length_s: 0.28 },
      { at_s: 0.3, hertz: 660, length_s: 0.28 },
      { at_s: 0.6, hertz: 880, length_s: 0.28 },
      { at_s: 0.9, hertz: 660, length_s: 0.28 },
    ],
  },
  2: {
    length_s: 2.5,
    gain: 0.4,
    notes: [
      { at_s: 0, hertz: 740, length_s: 0.18 },
      { at_s: 0.25, hertz: 740, length_s: 0.18 },
      { at_s: 0.5, hertz: 740, length_s: 0.18 },
    ],
  },
  3: {
    length_s: 6,
    gain: 0.3,
    notes: [
      { at_s: 0, hertz: 587, length_s: 0.2 },
      { at_s: 0.3, hertz: 494, length_s: 0.3 },
    ],
  },
  4: { length_s: 15, gain: 0.2, notes: [{ at_s: 0, hertz: 440, length_s: 0.35 }] },
};

const ATTACK_S = 0.02;

/** Rings one priority at a time, round after round, made by the browser's own oscillators: no sound file is needed. */
export class Siren {
  readonly #onBlocked: (blocked: boolean) => void;
  #context: AudioContext | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ringing: Priority | undefined;

  constructor(onBlocked: (blocked: boolean) => void) {
    this.#onBlocked = onBlocked;
  }

  ring(priority: Priority | undefined): void {
    if (priority === this.#ringing) return;
    clearTimeout(this.#timer);
    this.#ringing = priority;
    if (priority !== undefined) this.#loop(priority);
  }

  /** One round, now. Also a person's gesture, which lets the browser allow sound. */
  async test(priority: Priority): Promise<void> {
    await this.allow();
    this.#round(priority);
  }

  async allow(): Promise<void> {
    const context = this.#open();
    await context.resume();
    this.#onBlocked(context.state !== "running");
  }

  close(): void {
    this.ring(undefined);
    void this.#context?.close();
    this.#context = undefined;
  }

  #open(): AudioContext {
    if (this.#context === undefined) {
      const context = new AudioContext();
      context.onstatechange = () => this.#onBlocked(context.state === "suspended");
      this.#context = context;
    }
    return this.#context;
  }

  #loop(priority: Priority): void {
    const blocked = this.#open().state !== "running";
    this.#onBlocked(blocked);
    if (!blocked) this.#round(priority);
    this.#timer = setTimeout(() => this.#loop(priority), ROUNDS[priority].length_s * 1000);
  }

  #round(priority: Priority): void {
    const context = this.#open();
    const { gain, notes } = ROUNDS[priority];
    for (const note of notes) {
      const start = context.currentTime + note.at_s;
      const end = start + note.length_s;
      const oscillator = new OscillatorNode(context, { type: "triangle", frequency: note.hertz });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(gain, start + ATTACK_S);
      volume.gain.setValueAtTime(gain, end - ATTACK_S);
      volume.gain.linearRampToValueAtTime(0, end);
      oscillator.connect(volume).connect(context.destination);
      oscillator.start(start);
      oscillator.stop(end);
    }
  }
}
