import type { ChirpstackTestcase } from "../testcase.ts";

export const testcases: readonly ChirpstackTestcase[] = [
  {
    title: "the maker's example: pressed for a moment",
    payload: "017510ff2e01",
    samples: { "Battery/Level": 16 },
    actions: ["short"],
  },
];
