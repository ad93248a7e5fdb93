import type { OsdpTestcase } from "../testcase.ts";

export const testcases: readonly OsdpTestcase[] = [
  {
    title: "keys as they are typed; 7F is the star and 0D the hash",
    replies: [
      ["53 00 04 31 32 33 34", { keys: "1234" }],
      ["53 00 02 7f 0d", { keys: "*#" }],
    ],
  },
];
