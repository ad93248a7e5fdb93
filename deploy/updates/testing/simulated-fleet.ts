/** Boxes as a hub sees them, each going its way through an update when it is told. */
import type { BoxSight } from "../core/roll-out.ts";

/** What becomes of an update there. */
type Fate = "well" | "rolled-back" | "stuck" | "other-version" | "refused";

interface Box {
  online: boolean;
  offers: boolean;
  compatible: string;
  version: string;
  job: string;
  state: string;
  target: string;
  /** In its state, milliseconds. */
  since_ms: number;
  pinned: boolean;
  fate: Fate;
  /** Hears nothing that it is told. */
  deaf: boolean;
  /** Was put back to what it was, and knows of no job. */
  forgetful: boolean;
}

export type BoxChanges = Partial<Omit<Box, "fate">> & { readonly fate?: string };

const NEXT: Readonly<Record<string, string>> = {
  fetching: "installing",
  installing: "restarting",
  restarting: "proving",
};
const STATE_MS = 60_000;

export class SimulatedFleet {
  readonly #boxes: ReadonlyMap<string, Box>;

  constructor(names: readonly string[]) {
    this.#boxes = new Map(
      names.map((name) => [
        name,
        {
          online: true,
          offers: true,
          compatible: "campus-ops-edge-amd64",
          version: "0.1.0",
          job: "",
          state: "idle",
          target: "",
          since_ms: 0,
          pinned: false,
          fate: "well",
          deaf: false,
          forgetful: false,
        },
      ]),
    );
  }

  set(name: string, changes: BoxChanges): void {
    Object.assign(this.#box(name), changes);
  }

  heal(name: string): void {
    this.set(name, { online: true, deaf: false, forgetful: false, pinned: false, fate: "well" });
  }

  tell(name: string, job: string, target: string): void {
    const box = this.#box(name);
    if (box.deaf || !box.online || box.job === job) return;
    // Who is beyond fetching lets nobody in between.
    if (["installing", "restarting", "proving"].includes(box.state)) return;
    Object.assign(box, { job, target, state: "fetching", since_ms: 0 });
  }

  recall(name: string): void {
    const box = this.#box(name);
    if (box.online && !box.deaf && box.state === "fetching") Object.assign(box, { state: "cancelled" });
  }

  pass(by_ms: number): void {
    for (const box of this.#boxes.values()) {
      if (box.forgetful) Object.assign(box, { job: "", state: "idle" });
      box.since_ms += by_ms;
      if (box.fate === "stuck") continue;
      while (box.since_ms >= STATE_MS && box.state in NEXT) {
        box.since_ms -= STATE_MS;
        box.state = NEXT[box.state] ?? box.state;
      }
      if (box.state === "proving" && box.since_ms >= STATE_MS) end(box);
    }
  }

  sight(name: string): BoxSight {
    const { compatible, fate, job, offers, online, pinned, state, version } = this.#box(name);
    const reason = fate === "rolled-back" ? { zh: "代理未运行", en: "the agent did not run" } : undefined;
    return { online, offers, compatible, version, job, state, percent: 0, reason, pinned };
  }

  #box(name: string): Box {
    const box = this.#boxes.get(name);
    if (box === undefined) throw new Error(`no box ${name}`);
    return box;
  }
}

function end(box: Box): void {
  if (box.fate === "rolled-back" || box.fate === "refused") box.state = box.fate;
  else {
    box.state = "done";
    if (box.fate === "well") box.version = box.target;
  }
}
