import { GOOD } from "../../vocabulary/index.ts";
import type { OnvifTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const item = (name: string, value: string): string => `<tt:SimpleItem Name="${name}" Value="${value}"/>`;

const message = (topic: string, operation: string, source: string, data: string): string =>
  `<wsnt:NotificationMessage><wsnt:Topic>tns1:${topic}</wsnt:Topic><wsnt:Message>` +
  `<tt:Message UtcTime="2026-09-01T00:00:08Z"${operation}><tt:Source>${source}</tt:Source><tt:Data>${data}</tt:Data>` +
  `</tt:Message></wsnt:Message></wsnt:NotificationMessage>`;

const state = (part: string, value: string): string =>
  message(
    `Door/State/${part}`,
    ` PropertyOperation="Changed"`,
    item("DoorToken", "door-1"),
    item("State", value),
  );

const access = (topic: string, ...data: readonly string[]): string =>
  message(`AccessControl/${topic}`, "", item("AccessPointToken", "point-1"), data.join(""));

const answer = (messages: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" ` +
  `xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tns1="http://www.onvif.org/ver10/topics" ` +
  `xmlns:tev="http://www.onvif.org/ver10/events/wsdl"><s:Body><tev:PullMessagesResponse>${messages}` +
  `</tev:PullMessagesResponse></s:Body></s:Envelope>`;

const swipe = (fields: object): object => ({
  serial: null,
  credential: "<card-7>",
  direction: null,
  method: null,
  reason: "none",
  result: "granted",
  ...fields,
});

const event = (name: string, fields: object): NonNullable<OnvifTestcase["events"]>[number] => ({
  event: name,
  quality: GOOD,
  eventTime: AT - 2_000,
  fields: { ...fields },
});

export const testcases: readonly OnvifTestcase[] = [
  {
    title: "a door that is opened, unlocked, forced, held open and tampered with",
    receivedAt: AT,
    document: answer(
      state("DoorPhysicalState", "Open") +
        state("LockPhysicalState", "Unlocked") +
        state("DoorAlarm", "DoorForcedOpen") +
        state("DoorAlarm", "DoorOpenTooLong") +
        state("DoorTamper", "TamperDetected"),
    ),
    samples: [
      ["Door/Open", true, GOOD, AT - 2_000],
      ["Door/Unlocked", true, GOOD, AT - 2_000],
      ["Door/Forced", true, GOOD, AT - 2_000],
      ["Door/HeldOpen", false, GOOD, AT - 2_000],
      ["Door/Forced", false, GOOD, AT - 2_000],
      ["Door/HeldOpen", true, GOOD, AT - 2_000],
      ["Door/Tamper", true, GOOD, AT - 2_000],
    ],
  },
  {
    title: "every mode; a state that the controller does not know",
    receivedAt: AT,
    document: answer(
      ["Locked", "Accessed", "Unlocked", "LockedOpen", "LockedDown"]
        .map((mode) => state("DoorMode", mode))
        .join("") + state("DoorPhysicalState", "Unknown"),
    ),
    samples: [
      ["Door/Mode", "controlled", GOOD, AT - 2_000],
      ["Door/Mode", "controlled", GOOD, AT - 2_000],
      ["Door/Mode", "unlocked", GOOD, AT - 2_000],
      ["Door/Mode", "unlocked", GOOD, AT - 2_000],
      ["Door/Mode", "locked", GOOD, AT - 2_000],
      ["Door/Open", null, { status: "bad", reason: "out-of-range" }, AT - 2_000],
    ],
  },
  {
    title: "granted is not passed: only who was taken has passed",
    receivedAt: AT,
    document: answer(
      access("AccessGranted/Credential", item("CredentialToken", "card-7"), item("External", "false")) +
        access("AccessTaken/Credential", item("CredentialToken", "card-7")) +
        access("AccessNotTaken/Credential", item("CredentialToken", "card-7")),
    ),
    samples: [],
    events: [
      event("Access/Swipe", swipe({})),
      event("Access/Passage", { serial: null, credential: "<card-7>", direction: null }),
    ],
  },
  {
    title: "refused, with the reason; a card that nobody knows; a code given under threat",
    receivedAt: AT,
    document: answer(
      access(
        "Denied/Credential",
        item("CredentialToken", "card-7"),
        item("Reason", "NotPermittedAtThisTime"),
      ) +
        access("Denied/CredentialNotFound/Card", item("Card", "04a1b2c3")) +
        access("Duress", item("CredentialToken", "card-7")),
    ),
    samples: [],
    events: [
      event("Access/Swipe", swipe({ result: "refused", reason: "schedule" })),
      event(
        "Access/Swipe",
        swipe({ credential: "<04a1b2c3>", result: "refused", reason: "unknown", method: "card" }),
      ),
      event("Access/Swipe", swipe({ result: "refused", reason: "duress" })),
    ],
  },
];
