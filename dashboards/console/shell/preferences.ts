import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { useSyncExternalStore } from "react";

/** What this browser remembers about how its user likes the console. */
interface Preferences {
  readonly language: Language;
  readonly theme: "dark" | "light";
  readonly sound: "on" | "off";
  /** Single-key shortcuts can be turned off: WCAG 2.2, 2.1.4. */
  readonly shortcuts: "on" | "off";
}

type Key = keyof Preferences;

/** The first choice is the default. */
const CHOICES: { readonly [K in Key]: readonly [Preferences[K], ...Preferences[K][]] } = {
  language: ["zh", "en"],
  theme: ["dark", "light"],
  sound: ["on", "off"],
  shortcuts: ["on", "off"],
};

const PREFIX = "campus-ops.";
const listeners = new Set<() => void>();
const remembered = new Map<Key, string>();

/** Storage may be forbidden by the browser; preferences then last as long as the page. */
function stored(key: Key): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

function read<K extends Key>(key: K): Preferences[K] {
  const value = remembered.get(key) ?? stored(key);
  return CHOICES[key].find((choice) => choice === value) ?? CHOICES[key][0];
}

function write<K extends Key>(key: K, value: Preferences[K]): void {
  remembered.set(key, value);
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Remembered in memory alone.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<K extends Key>(
  key: K,
): readonly [Preferences[K], (value: Preferences[K]) => void] {
  const value = useSyncExternalStore(subscribe, () => read(key));
  return [value, (next) => write(key, next)];
}
