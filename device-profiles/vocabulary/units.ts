/** Units, by their UCUM code (case-sensitive), with how a person reads them. */
export const UNITS = {
  Cel: "°C",
  K: "K",
  "%": "%",
  "[ppm]": "ppm",
  "ug/m3": "µg/m³",
  ms: "ms",
  s: "s",
  h: "h",
  cm: "cm",
  By: "B",
  "{count}": "",
  "{record}": "",
  "{sample}": "",
} as const;

export type Unit = keyof typeof UNITS;
