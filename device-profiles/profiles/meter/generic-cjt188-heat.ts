import type { Cjt188Profile } from "../cjt188-profile.ts";

/** A heat meter of a heating circuit; RS-485, M-Bus behind a converter, or infrared; 2400 8E1. */
export const genericCjt188Heat: Cjt188Profile = {
  id: "meter/generic-cjt188-heat",
  protocol: "cjt188",
  vendor: "generic",
  model: "CJ/T 188 heat meter",
  title: { zh: "通用热量表（CJ/T 188）", en: "Generic heat meter (CJ/T 188)" },
  class: "meter",
  proven: "vectors",
  sources: ["CJ/T 188-2004: frame, units, and the data of heat meters under identifier 901F"],
  pollInterval_ms: 300_000,
  meterType: 0x20,
  layout: [
    // Heat on the day of account.
    { kind: "skip", bytes: 5 },
    { kind: "quantity", metric: "Heat/Energy", decimals: 2 },
    { kind: "quantity", metric: "Heat/Power", decimals: 2 },
    { kind: "quantity", metric: "Heat/Flow", decimals: 4 },
    { kind: "quantity", metric: "Heat/Volume", decimals: 2 },
    { kind: "number", metric: "Heat/SupplyTemperature", bytes: 3, decimals: 2 },
    { kind: "number", metric: "Heat/ReturnTemperature", bytes: 3, decimals: 2 },
    { kind: "number", metric: "Heat/Hours", bytes: 3, decimals: 0 },
    { kind: "clock" },
    { kind: "status", flags: { "Battery/Low": { mask: 0b100, equals: 0b100 } } },
  ],
  atRest: {
    "Heat/Energy": 48_210.5,
    "Heat/Power": 36.4,
    "Heat/Flow": 1.8125,
    "Heat/Volume": 9_870.25,
    "Heat/SupplyTemperature": 55.2,
    "Heat/ReturnTemperature": 41.7,
    "Heat/Hours": 4_321,
    "Battery/Low": false,
  },
};
