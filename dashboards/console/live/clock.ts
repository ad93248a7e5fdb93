import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { useSyncExternalStore } from "react";

/** The page's only look at the machine's clock. */
export const wallClock = (): Timestamp => Date.now();

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let now = wallClock();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = wallClock();
  timer ??= setInterval(() => {
    now = wallClock();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, moving once a second for all components together. */
export function useNow(): Timestamp {
  return useSyncExternalStore(subscribe, () => now);
}
