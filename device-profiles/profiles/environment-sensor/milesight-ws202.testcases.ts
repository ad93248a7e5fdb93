import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example: somebody in the dark",
    payload: "017510030001040000",
    samples: { "Battery/Level": 16, "Presence/Occupied": true },
  },
];
