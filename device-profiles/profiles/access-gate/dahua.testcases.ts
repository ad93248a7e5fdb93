import { GOOD } from "../../vocabulary/index.ts";
import type { DahuaTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);
const SECONDS = AT / 1_000 - 5;

const row = (index: number, fields: Readonly<Record<string, string | number>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `records[${index}].${key}=${value}\r\n`)
    .join("");

export const testcases: readonly DahuaTestcase[] = [
  {
    title: "a card let in, a face let out, a card without right, a door opened from afar",
    receivedAt: AT,
    texts: [
      {
        kind: "records",
        text:
          "found=4\r\n" +
          row(0, {
            CardNo: "04A1B2C3",
            CreateTime: SECONDS,
            Door: 0,
            ErrorCode: 0,
            Method: 1,
            ReaderID: 1,
            RecNo: 31,
            Status: 1,
            Type: "Entry",
            UserID: "12",
          }) +
          row(1, {
            CardNo: "",
            CreateTime: SECONDS,
            Method: 15,
            RecNo: 32,
            Status: 1,
            Type: "Exit",
            UserID: "1001",
          }) +
          row(2, {
            CardNo: "04A1B2C3",
            CreateTime: SECONDS,
            ErrorCode: 18,
            Method: 1,
            RecNo: 33,
            Status: 0,
            Type: "Entry",
          }) +
          row(3, { CardNo: "", CreateTime: SECONDS, Method: 4, RecNo: 34, Status: 1, UserID: "" }),
      },
    ],
    events: [
      {
        quality: GOOD,
        eventTime: AT - 5_000,
        fields: {
          serial: 31,
          credential: "<04a1b2c3>",
          result: "granted",
          reason: "none",
          direction: "in",
          method: "card",
        },
      },
      {
        quality: GOOD,
        eventTime: AT - 5_000,
        fields: {
          serial: 32,
          credential: "<employee:1001>",
          result: "granted",
          reason: "none",
          direction: "out",
          method: "face",
        },
      },
      {
        quality: GOOD,
        eventTime: AT - 5_000,
        fields: {
          serial: 33,
          credential: "<04a1b2c3>",
          result: "refused",
          reason: "no-permission",
          direction: "in",
          method: "card",
        },
      },
      {
        quality: GOOD,
        eventTime: AT - 5_000,
        fields: {
          serial: 34,
          credential: null,
          result: "granted",
          reason: "none",
          direction: null,
          method: "remote",
        },
      },
    ],
  },
  {
    title:
      "a firmware that counts local seconds tells the true ones beside them; a time to come is not believed",
    receivedAt: AT,
    texts: [
      {
        kind: "records",
        text:
          row(0, {
            CreateTime: SECONDS + 28_800,
            CreateTimeRealUTC: SECONDS,
            RecNo: 1,
            Status: 1,
            Method: 0,
          }) +
          row(1, { CreateTime: SECONDS + 28_800, RecNo: 2, Status: 1, Method: 0 }) +
          row(2, { CreateTime: SECONDS, RecNo: "x", Status: 1 }),
      },
    ],
    events: [1, 2].map((serial) => ({
      quality: serial === 1 ? GOOD : ({ status: "uncertain", reason: "device-clock" } as const),
      eventTime: serial === 1 ? AT - 5_000 : AT,
      fields: {
        serial,
        credential: null,
        result: "granted",
        reason: "none",
        direction: null,
        method: "code",
      },
    })),
  },
  {
    title: "the door's contact, a door that is forced, left open and opened up",
    receivedAt: AT,
    texts: [
      { kind: "door-status", text: "Info.status=Close\r\n" },
      { kind: "door-status", text: "Info.status=Break\r\n" },
      { kind: "event", text: 'Code=DoorStatus;action=Pulse;index=0;data={"Status":"Open","UTC":1788220805}' },
      { kind: "event", text: "Code=BreakIn;action=Start;index=0" },
      { kind: "event", text: "Code=DoorNotClosed;action=Start;index=0" },
      { kind: "event", text: "Code=ChassisIntruded;action=Stop;index=0" },
    ],
    samples: [
      ["Door/Open", false],
      ["Door/Forced", false],
      ["Door/HeldOpen", false],
      ["Door/Open", true],
      ["Door/Forced", true],
      ["Door/Open", true],
      ["Door/Forced", true],
      ["Door/HeldOpen", true],
      ["Door/Tamper", false],
    ],
  },
];
