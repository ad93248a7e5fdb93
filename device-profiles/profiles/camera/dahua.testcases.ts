import type { DahuaTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1);
const event = (text: string) => ({ kind: "event" as const, text });

export const testcases: readonly DahuaTestcase[] = [
  {
    title: "motion begins and ends, with data over several lines",
    receivedAt: AT,
    texts: [
      event(
        `Code=VideoMotion;action=Start;index=0;data={\n   "Id" : [ 0 ],\n   "RegionName" : [ "Region1" ]\n}\n`,
      ),
      event("Code=VideoMotion;action=Stop;index=0"),
    ],
    samples: [
      ["Motion/Active", true],
      ["Motion/Active", false],
    ],
  },
  {
    title: "every other code",
    receivedAt: AT,
    texts: [
      "VideoLoss",
      "VideoBlind",
      "VideoUnFocus",
      "CrossRegionDetection",
      "CrossLineDetection",
      "WanderDetection",
    ].map((code) => event(`Code=${code};action=Start;index=0`)),
    samples: [
      ["Video/Loss", true],
      ["Video/Tamper", true],
      ["Video/Defocused", true],
      ["Analytics/Intrusion", true],
      ["Analytics/LineCrossed", true],
      ["Analytics/Loitering", true],
    ],
  },
  {
    title:
      "the heartbeat, a code that is unknown, an action that is unknown and damaged data bring nothing wrong",
    receivedAt: AT,
    texts: [
      event("Heartbeat"),
      event("Code=TimeChange;action=Pulse;index=0;data={"),
      event("Code=VideoMotion;action=State;index=0"),
      event("Code=VideoMotion;action=Start;index=0;data={ damaged"),
    ],
    samples: [["Motion/Active", true]],
  },
];
