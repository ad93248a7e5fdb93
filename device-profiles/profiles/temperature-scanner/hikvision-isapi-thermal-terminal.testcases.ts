import { GOOD } from "../../vocabulary/index.ts";
import type { IsapiTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const screening = (serial: number, celsius: number | null): Readonly<Record<string, number | null>> => ({
  serial,
  celsius,
  raw: null,
  correction: null,
  ambient: null,
  distance: null,
  retest: null,
});

const face = (serial: number): Readonly<Record<string, string | number | null>> => ({
  serial,
  credential: "<employee:4366>",
  result: "granted",
  reason: "none",
  direction: "in",
  method: "face",
});

const record = (serial: number, temperature: string): string =>
  `{"major":5,"minor":75,"time":"2026-09-01T08:00:08+08:00","cardReaderNo":1,"employeeNoString":"4366","type":0,` +
  `"serialNo":${serial},"userType":"normal","currentVerifyMode":"cardOrfaceOrPw","mask":"unknown",${temperature},` +
  `"RegionCoordinates":{"positionX":383,"positionY":518}}`;

const both = (serial: number, celsius: number, quality: IsapiEventQuality) => [
  { event: "Access/Swipe", quality: GOOD, eventTime: AT - 2_000, fields: face(serial) },
  {
    event: "Temperature/Screening",
    quality,
    eventTime: AT - 2_000,
    fields: screening(serial, celsius),
  },
];
type IsapiEventQuality = NonNullable<IsapiTestcase["events"]>[number]["quality"];

export const testcases: readonly IsapiTestcase[] = [
  {
    title: "a measurement in degrees Celsius, with the spelling that the devices have",
    receivedAt: AT,
    documents: [
      {
        kind: "record",
        text: record(
          85793,
          `"thermometryUnit":"celsius","currTemperature":36.600000,"isAbnomalTemperature":false`,
        ),
      },
    ],
    events: both(85793, 36.6, GOOD),
  },
  {
    title: "degrees Fahrenheit and kelvins are the same warmth",
    receivedAt: AT,
    documents: [
      { kind: "record", text: record(1, `"thermometryUnit":"fahrenheit","currTemperature":99.5`) },
      { kind: "record", text: record(2, `"thermometryUnit":"kelvin","currTemperature":310.65`) },
    ],
    events: [...both(1, 37.5, GOOD), ...both(2, 37.5, GOOD)],
  },
  {
    title: "0, and what no person has, is kept and is bad",
    receivedAt: AT,
    documents: [
      { kind: "record", text: record(3, `"thermometryUnit":"celsius","currTemperature":0`) },
      { kind: "record", text: record(4, `"thermometryUnit":"celsius","currTemperature":655.35`) },
    ],
    events: [
      ...both(3, 0, { status: "bad", reason: "out-of-range" }),
      ...both(4, 655.35, { status: "bad", reason: "out-of-range" }),
    ],
  },
  {
    title: "a face without a measurement is a face",
    receivedAt: AT,
    documents: [{ kind: "record", text: record(5, `"isAbnomalTemperature":false`) }],
    events: both(5, 0, GOOD).slice(0, 1),
  },
];
