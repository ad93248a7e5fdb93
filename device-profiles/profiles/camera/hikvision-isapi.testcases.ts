import { GOOD } from "../../vocabulary/index.ts";
import type { IsapiTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const alert = (eventType: string, state = "active", dateTime = "2026-09-01T08:00:10+08:00"): string =>
  `<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">\n` +
  `<ipAddress>192.0.2.20</ipAddress>\n<portNo>80</portNo>\n<protocol>HTTP</protocol>\n` +
  `<macAddress>00:00:5e:00:53:02</macAddress>\n<channelID>1</channelID>\n<dateTime>${dateTime}</dateTime>\n` +
  `<activePostCount>1</activePostCount>\n<eventType>${eventType}</eventType>\n<eventState>${state}</eventState>\n` +
  `<eventDescription>${eventType} alarm</eventDescription>\n<channelName></channelName>\n</EventNotificationAlert>`;

export const testcases: readonly IsapiTestcase[] = [
  ...(
    [
      ["VMD", "Motion/Active"],
      ["videoloss", "Video/Loss"],
      ["shelteralarm", "Video/Tamper"],
      ["tamperdetection", "Video/Tamper"],
      ["scenechangedetection", "Video/Tamper"],
      ["defocus", "Video/Defocused"],
      ["fielddetection", "Analytics/Intrusion"],
      ["linedetection", "Analytics/LineCrossed"],
      ["loitering", "Analytics/Loitering"],
      ["group", "Analytics/Crowd"],
    ] as const
  ).map(
    ([eventType, metric]): IsapiTestcase => ({
      title: `${eventType} is ${metric}`,
      receivedAt: AT,
      documents: [{ kind: "alert", text: alert(eventType) }],
      samples: [[metric, true, GOOD, AT]],
    }),
  ),
  {
    title: "motion that is taken back ends; the heartbeat ends nothing",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: alert("VMD", "inactive") },
      { kind: "alert", text: alert("videoloss", "inactive") },
    ],
    samples: [["Motion/Active", false, GOOD, AT]],
  },
  {
    title: "local time without an offset is the camera's own zone; no time is not replaced in silence",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: alert("VMD", "active", "2026-09-01T08:00:09") },
      { kind: "alert", text: alert("VMD", "active", "") },
    ],
    samples: [
      ["Motion/Active", true, GOOD, AT - 1_000],
      ["Motion/Active", true, { status: "uncertain", reason: "no-event-time" }, AT],
    ],
  },
  {
    title: "an alert of something else, and an empty element, bring nothing",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: alert("PIR") },
      { kind: "alert", text: "<EventNotificationAlert/>" },
    ],
  },
];
