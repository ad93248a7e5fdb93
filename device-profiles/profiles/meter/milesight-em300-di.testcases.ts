import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example; what it counted before stands beside and is not today's",
    payload: "01755c0367340104686520ce9e74466310015d020000010000",
    samples: { "Battery/Level": 92, "Environment/Temperature": 30.8, "Environment/Humidity": 50.5 },
  },
  { title: "12,345 pulses of a litre", payload: "05c839300000", samples: { "Water/Volume": 12.345 } },
  {
    title: "an input that went high, and water by its own reckoning, are no pulses",
    payload: "0500018500010105e10a000a0000004041",
    samples: {},
  },
];
