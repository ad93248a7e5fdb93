import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example: open",
    payload: "01755c03673401046865060001",
    samples: {
      "Battery/Level": 92,
      "Contact/Open": true,
      "Environment/Temperature": 30.8,
      "Environment/Humidity": 50.5,
    },
  },
];
