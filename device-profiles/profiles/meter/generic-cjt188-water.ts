import type { Cjt188Profile } from "../cjt188-profile.ts";

/** Of the first status byte: the valve's two bits (open, closed, and both for a valve that is stuck), and the battery's. */
export const VALVE_STATUS = {
  "Water/ValveClosed": { mask: 0b011, equals: 0b001 },
  "Water/ValveFault": { mask: 0b011, equals: 0b011 },
  "Battery/Low": { mask: 0b100, equals: 0b100 },
} as const;

/** A cold-water meter with RS-485, M-Bus behind a converter, or infrared; 2400 8E1. With a valve or without. */
export const genericCjt188Water: Cjt188Profile = {
  id: "meter/generic-cjt188-water",
  protocol: "cjt188",
  vendor: "generic",
  model: "CJ/T 188 water meter",
  title: { zh: "通用水表（CJ/T 188）", en: "Generic water meter (CJ/T 188)" },
  class: "meter",
  proven: "vectors",
  sources: ["CJ/T 188-2004: frame, units, and the data of water meters under identifier 901F"],
  pollInterval_ms: 300_000,
  meterType: 0x10,
  layout: [
    { kind: "quantity", metric: "Water/Volume", decimals: 2 },
    // The same as it was on the day of account.
    { kind: "skip", bytes: 5 },
    { kind: "clock" },
    { kind: "status", flags: VALVE_STATUS },
  ],
  atRest: {
    "Water/Volume": 1_234.56,
    "Water/ValveClosed": false,
    "Water/ValveFault": false,
    "Battery/Low": false,
  },
};
