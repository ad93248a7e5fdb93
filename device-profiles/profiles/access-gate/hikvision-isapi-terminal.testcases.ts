/** Entries of the alert stream and of the log, as terminals of several firmwares write them. */
import { GOOD } from "../../vocabulary/index.ts";
import type { IsapiTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const live = (content: string, dateTime = "2026-09-01T08:00:08+08:00"): string =>
  `{"ipAddress":"192.0.2.10","portNo":80,"protocol":"HTTP","macAddress":"00:00:5e:00:53:01","channelID":1,` +
  `"dateTime":"${dateTime}","activePostCount":1,"eventType":"AccessControllerEvent","eventState":"active",` +
  `"eventDescription":"Access Controller Event","AccessControllerEvent":{"deviceName":"Access Controller",${content}}}`;

const swipe = (fields: object): object => ({ credential: null, reason: "none", direction: null, ...fields });

export const testcases: readonly IsapiTestcase[] = [
  {
    title: "a face that passed, with its number in the terminal's list",
    receivedAt: AT,
    documents: [
      {
        kind: "alert",
        text: live(
          `"majorEventType":5,"subEventType":75,"name":"","cardReaderKind":1,"cardReaderNo":1,"verifyNo":187,` +
            `"employeeNoString":"2026001","serialNo":1866,"userType":"normal","currentVerifyMode":"faceOrFpOrCardOrPw",` +
            `"currentEvent":true,"frontSerialNo":1865,"attendanceStatus":"undefined","mask":"no","picturesNumber":1`,
        ),
      },
    ],
    events: [
      {
        event: "Access/Swipe",
        quality: GOOD,
        eventTime: AT - 2_000,
        fields: {
          ...swipe({}),
          serial: 1866,
          credential: "<employee:2026001>",
          result: "granted",
          method: "face",
          direction: "in",
        },
      },
    ],
  },
  {
    title: "a card in decimal with its leading zeros lost is the same bytes; a card without right is refused",
    receivedAt: AT,
    documents: [
      {
        kind: "alert",
        text: live(
          `"majorEventType":5,"subEventType":1,"cardNo":"77705928","cardReaderNo":2,"doorNo":1,"serialNo":7`,
        ),
      },
      {
        kind: "record",
        text: `{"major":5,"minor":6,"time":"2026-09-01T03:00:00+08:00","cardNo":"0077705928","cardReaderNo":1,"doorNo":1,"serialNo":8}`,
      },
    ],
    events: [
      {
        event: "Access/Swipe",
        quality: GOOD,
        eventTime: AT - 2_000,
        fields: {
          ...swipe({}),
          serial: 7,
          credential: "<04a1b2c8>",
          result: "granted",
          method: "card",
          direction: "out",
        },
      },
      {
        event: "Access/Swipe",
        quality: GOOD,
        eventTime: Date.UTC(2026, 7, 31, 19),
        fields: {
          ...swipe({}),
          serial: 8,
          credential: "<04a1b2c8>",
          result: "refused",
          reason: "no-permission",
          method: "card",
          direction: "in",
        },
      },
    ],
  },
  {
    title: "the lock, the contact, the exit button, a forced door, and a door that closes again",
    receivedAt: AT,
    documents: [21, 23, 25, 27, 28, 26].map((minor, i) => ({
      kind: "alert" as const,
      text: live(`"majorEventType":5,"subEventType":${minor},"doorNo":1,"serialNo":${i + 1}`),
    })),
    samples: [
      ["Door/Unlocked", true, GOOD, AT - 2_000],
      ["Door/ExitRequest", true, GOOD, AT - 2_000],
      ["Door/Open", true, GOOD, AT - 2_000],
      ["Door/Forced", true, GOOD, AT - 2_000],
      ["Door/Open", true, GOOD, AT - 2_000],
      ["Door/HeldOpen", true, GOOD, AT - 2_000],
      ["Door/Open", true, GOOD, AT - 2_000],
      ["Door/Open", false, GOOD, AT - 2_000],
      ["Door/Forced", false, GOOD, AT - 2_000],
      ["Door/HeldOpen", false, GOOD, AT - 2_000],
    ],
  },
  {
    title: "the case is opened; the fire system lets the door go",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: live(`"majorEventType":1,"subEventType":1028,"serialNo":1`) },
      { kind: "alert", text: live(`"majorEventType":5,"subEventType":52,"serialNo":2`) },
    ],
    samples: [
      ["Door/Tamper", true, GOOD, AT - 2_000],
      ["Door/FireRelease", true, GOOD, AT - 2_000],
    ],
  },
  {
    title: "a clock eight hours ahead is corrected; one at 1970 is not believed",
    receivedAt: AT,
    clockOffset_ms: 8 * 3_600_000,
    documents: [
      {
        kind: "alert",
        text: live(`"majorEventType":5,"subEventType":25,"serialNo":1`, "2026-09-01T16:00:08+08:00"),
      },
      {
        kind: "alert",
        text: live(`"majorEventType":5,"subEventType":26,"serialNo":2`, "1970-01-01T08:00:05+08:00"),
      },
    ],
    samples: [
      ["Door/Open", true, GOOD, AT - 2_000],
      ["Door/Open", false, { status: "uncertain", reason: "device-clock" }, AT],
      ["Door/Forced", false, { status: "uncertain", reason: "device-clock" }, AT],
      ["Door/HeldOpen", false, { status: "uncertain", reason: "device-clock" }, AT],
    ],
  },
  {
    title: "the state of the doors: open, released, kept unlocked; a cut line is neither open nor closed",
    receivedAt: AT,
    documents: [
      {
        kind: "work-status",
        text: `{"AcsWorkStatus":{"doorLockStatus":[1,0],"doorStatus":[2,4],"magneticStatus":[1,0],"hostAntiDismantleStatus":"close"}}`,
      },
      {
        kind: "work-status",
        text: `{"AcsWorkStatus":{"doorLockStatus":[0],"doorStatus":[4],"magneticStatus":[3],"hostAntiDismantleStatus":"open"}}`,
      },
    ],
    samples: [
      ["Door/Open", true, GOOD, AT],
      ["Door/Unlocked", true, GOOD, AT],
      ["Door/Mode", "unlocked", GOOD, AT],
      ["Door/Tamper", false, GOOD, AT],
      ["Door/Open", null, { status: "bad", reason: "out-of-range" }, AT],
      ["Door/Unlocked", false, GOOD, AT],
      ["Door/Mode", "controlled", GOOD, AT],
      ["Door/Tamper", true, GOOD, AT],
    ],
  },
  {
    title: "records of another door, of operations and without a number bring nothing",
    receivedAt: AT,
    documents: [
      { kind: "alert", text: live(`"majorEventType":5,"subEventType":25,"doorNo":2,"serialNo":1`) },
      { kind: "alert", text: live(`"majorEventType":2,"subEventType":1024,"serialNo":2`) },
      { kind: "alert", text: live(`"majorEventType":5,"subEventType":25`) },
      { kind: "alert", text: live(`"majorEventType":5,"subEventType":25,"serialNo":-1`) },
    ],
  },
];
