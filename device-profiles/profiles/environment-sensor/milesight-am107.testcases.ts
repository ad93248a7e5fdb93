import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example",
    payload: "01755c03673401046865056a490006651c0079001400077de704087d070009733f27",
    samples: {
      "Battery/Level": 92,
      "Environment/CO2": 1_255,
      "Environment/Humidity": 50.5,
      "Environment/Illuminance": 28,
      "Environment/Pressure": 1_004.7,
      "Environment/Temperature": 30.8,
    },
  },
  {
    title: "sensors that do not answer",
    payload: "0367ff7f0468ff077dffff",
    samples: Object.fromEntries(
      ["Environment/CO2", "Environment/Humidity", "Environment/Temperature"].map((metric) => [
        metric,
        { value: null, quality: { status: "bad", reason: "sentinel" } },
      ]),
    ),
  },
];
