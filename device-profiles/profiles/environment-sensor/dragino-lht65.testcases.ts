import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "a room at 27.33 °C, no external sensor",
    payload: "cbf60aad037600ffffffff",
    samples: { "Battery/Voltage": 3.062, "Environment/Temperature": 27.33, "Environment/Humidity": 88.6 },
  },
  {
    title: "frost, and a sensor that was torn off",
    payload: "cbb5f5c6ffff017fff7fff",
    samples: {
      "Battery/Voltage": 2.997,
      "Environment/Temperature": -26.18,
      "Environment/Humidity": { value: null, quality: { status: "bad", reason: "sentinel" } },
    },
  },
];
