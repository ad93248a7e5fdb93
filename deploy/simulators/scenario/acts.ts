/** The words a school day is written in: short scenes, each a few steps. Times are in seconds of the loop. */
import type { LocalText, MetricName, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { Act, Step } from "./timeline.ts";

const at = (seconds: number, act: Act): Step => ({ at_ms: Math.round(seconds * 1000), act });

export function tell(seconds: number, zh: string, en: string): Step {
  const text: LocalText = { zh, en };
  return at(seconds, { do: "tell", text });
}

export function set(seconds: number, device: string, metric: MetricName, value: SampleValue): Step {
  return at(seconds, { do: "set", device, metric, value });
}

export function down(seconds: number, device: string): Step {
  return at(seconds, { do: "fault", device, fault: "down" });
}

export function mended(seconds: number, device: string): Step {
  return at(seconds, { do: "fault", device, fault: null });
}

/** A card's number: five bytes, as readers report them. The cards are nobody's. */
export function card(holder: number): string {
  return (0x04_00_00_00_00 + ((holder * 2_654_435_761) % 2 ** 32)).toString(16).padStart(10, "0");
}

export function swipe(seconds: number, gate: string, holder: number, direction: "in" | "out" = "in"): Step[] {
  return [
    at(seconds, {
      do: "raise",
      device: gate,
      event: "Access/Swipe",
      fields: { credential: card(holder), result: "granted", reason: "none", direction },
    }),
    set(seconds + 0.2, gate, "Door/Open", true),
    set(seconds + 1.1, gate, "Door/Open", false),
  ];
}

export function refused(seconds: number, gate: string, holder: number): Step {
  return at(seconds, {
    do: "raise",
    device: gate,
    event: "Access/Swipe",
    fields: { credential: card(holder), result: "refused", reason: "revoked", direction: "in" },
  });
}

/** A visit is named by the slip that the terminal prints. */
export function visitor(seconds: number, terminal: string, visit: string, does: "arrives" | "leaves"): Step {
  return at(
    seconds,
    does === "arrives"
      ? { do: "raise", device: terminal, event: "Visitor/Arrival", fields: { visit, zones: "a/1,b/1" } }
      : { do: "raise", device: terminal, event: "Visitor/Departure", fields: { visit } },
  );
}

const AMBIENT_CELSIUS = 21.5;
const SKIN_TO_BODY_KELVIN = 1.2;

export function screening(seconds: number, scanner: string, celsius: number, retest: 0 | 1 | 2 = 0): Step {
  const correction = SKIN_TO_BODY_KELVIN;
  const raw = Math.round((celsius - correction) * 100) / 100;
  return at(seconds, {
    do: "raise",
    device: scanner,
    event: "Temperature/Screening",
    fields: { celsius, raw, correction, ambient: AMBIENT_CELSIUS, distance: 45, retest },
  });
}

/** A quantity that moves evenly from one value to another, in steps of two seconds, as a room's air does. */
export function drift(
  from_s: number,
  to_s: number,
  device: string,
  metric: MetricName,
  from: number,
  to: number,
): Step[] {
  const count = Math.max(1, Math.round((to_s - from_s) / 2));
  return Array.from({ length: count + 1 }, (_, index) =>
    set(
      from_s + ((to_s - from_s) * index) / count,
      device,
      metric,
      Math.round(from + ((to - from) * index) / count),
    ),
  );
}
