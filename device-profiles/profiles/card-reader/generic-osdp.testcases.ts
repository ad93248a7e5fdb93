import type { OsdpTestcase } from "../testcase.ts";

export const testcases: readonly OsdpTestcase[] = [
  {
    title: "recorded: identity and status of a reader on a bench, whose second supply is missing",
    replies: [
      [
        "45 0a 00 17 03 00 ca fe de ed 01 50 02",
        {
          "Properties/Vendor": "0a0017",
          "Properties/Model": "3.0",
          "Properties/Serial": "3990814410",
          "Properties/Firmware": "1.80.2",
        },
      ],
      ["48 00 01", { "Reader/Tamper": false, "Reader/PowerFault": true }],
    ],
  },
  {
    title: "a card of four bytes, and the same card by a reader that sends 34 bits",
    replies: [
      ["50 00 00 20 00 04 a1 b2 c3", { card: "04a1b2c3" }],
      ["50 00 01 22 00 02 50 d9 61 c0", { card: "04a1b2c3" }],
    ],
  },
  {
    title: "26 bits whose parity is wrong are no card",
    replies: [["50 00 01 1a 00 cf 80 01 c0", { misread: true }]],
  },
];
