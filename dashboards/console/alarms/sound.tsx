import type { AlarmView, Priority } from "@campus-ops/rules/api";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useNow, wallClock } from "../live/clock.ts";
import { afterFrame } from "../live/frame.ts";
import { useAlarms } from "../live/live.tsx";
import { usePreference } from "../shell/preferences.ts";
import { isUnacknowledged } from "./lifecycle.ts";
import { Siren } from "./siren.ts";

const MUTE_MS = 60_000;

interface Sound {
  readonly enabled: boolean;
  readonly setEnabled: (enabled: boolean) => void;
  readonly blocked: boolean;
  /** Milliseconds of silence left; 0 when not muted. */
  readonly muted_ms: number;
  readonly mute: () => void;
  readonly unmute: () => void;
  readonly allow: () => void;
  readonly test: (priority: Priority) => void;
}

const SoundContext = createContext<Sound | undefined>(undefined);

/** Rings for the most urgent unacknowledged alarm on whichever page is open, until it is acknowledged. */
export function SoundProvider({ children }: { readonly children: ReactNode }) {
  const { alarms } = useAlarms();
  const now = useNow();
  const [preference, setPreference] = usePreference("sound");
  const [blocked, setBlocked] = useState(false);
  const [mutedUntil, setMutedUntil] = useState(0);
  const siren = useRef<Siren>(undefined);

  useEffect(() => {
    const built = new Siren(setBlocked);
    siren.current = built;
    // Browsers let a page sound only after its user has touched it: the first touch is taken as the permission.
    const touched = (): void => void built.allow();
    window.addEventListener("pointerdown", touched, { once: true });
    window.addEventListener("keydown", touched, { once: true });
    return () => {
      window.removeEventListener("pointerdown", touched);
      window.removeEventListener("keydown", touched);
      built.close();
    };
  }, []);

  const urgent = useMemo(() => mostUrgent(alarms.values()), [alarms]);
  const enabled = preference === "on";
  const muted_ms = Math.max(0, mutedUntil - now);
  const silent = !enabled || muted_ms > 0;
  // The list is drawn first: opening the browser's sound takes a slow machine longer than a frame.
  useEffect(() => afterFrame(() => siren.current?.ring(silent ? undefined : urgent)), [silent, urgent]);

  const sound: Sound = {
    enabled,
    setEnabled: (on) => setPreference(on ? "on" : "off"),
    blocked: blocked && enabled && urgent !== undefined,
    muted_ms,
    mute: () => setMutedUntil(wallClock() + MUTE_MS),
    unmute: () => setMutedUntil(0),
    allow: () => void siren.current?.allow(),
    test: (priority) => void siren.current?.test(priority),
  };
  return <SoundContext value={sound}>{children}</SoundContext>;
}

function mostUrgent(alarms: Iterable<AlarmView>) {
  let urgent: Priority | undefined;
  for (const alarm of alarms) {
    if (isUnacknowledged(alarm) && (urgent === undefined || alarm.priority < urgent)) urgent = alarm.priority;
  }
  return urgent;
}

export function useSound(): Sound {
  const sound = useContext(SoundContext);
  if (sound === undefined) throw new Error("useSound needs a SoundProvider above it");
  return sound;
}
