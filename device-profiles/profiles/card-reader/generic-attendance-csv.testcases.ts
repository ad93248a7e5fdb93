import type { RecordTestcase } from "../testcase.ts";

export const testcases: readonly RecordTestcase[] = [
  {
    title: "a pupil comes in; a card that is not known is refused; a leading zero is part of a number",
    document:
      "流水号,时间,卡号,结果,方向\r\n101,2026-09-01 07:41:05,0012345678,通过,进\r\n102,2026/9/1 7:42:00,99,拒绝,\r\n",
    now: Date.UTC(2026, 8, 1, 0, 0),
    samples: {},
    events: [
      {
        eventTime: Date.UTC(2026, 7, 31, 23, 41, 5),
        quality: { status: "good" },
        fields: {
          serial: 101,
          credential: "credential of 0012345678",
          result: "granted",
          reason: null,
          direction: "in",
          method: null,
        },
      },
      {
        eventTime: Date.UTC(2026, 7, 31, 23, 42),
        quality: { status: "good" },
        fields: {
          serial: 102,
          credential: "credential of 99",
          result: "refused",
          reason: null,
          direction: null,
          method: null,
        },
      },
    ],
  },
];
