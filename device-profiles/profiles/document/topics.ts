/** Devices of Hikvision (ISAPI) and Dahua as documents: which event of theirs is which metric, and what else they do. */
import { parseEvent } from "../../codecs/dahua.ts";
import { parseAlert } from "../../codecs/isapi.ts";
import { parseIsapi } from "../../codecs/isapi-document.ts";
import { GOOD, type MetricName } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import { type DahuaProfile, doorStatusIn, metricsOfCode, samplesOfDoorStatus } from "../dahua-profile.ts";
import { AlertStates } from "../isapi-alerts.ts";
import type { IsapiProfile } from "../isapi-profile.ts";
import {
  bySample,
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  type PlayedSample,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
} from "./document.ts";

type IsapiDocument = ProfileDocument &
  Partial<Pick<IsapiProfile, "alerts" | "access" | "recorder" | "snapshot">>;
type DahuaDocument = ProfileDocument &
  Partial<Pick<DahuaProfile, "topics" | "access" | "recorder" | "snapshot">>;

interface IsapiTestcaseDocument extends TestcaseDocument {
  readonly alerts: readonly string[];
}
interface DahuaTestcaseDocument extends TestcaseDocument {
  readonly events: readonly string[];
}

const BEIJING_minutes = 480;

const topicsSchema = (name: string, pattern: string, description: string): object => ({
  type: "array",
  maxItems: ENTRIES_MAX,
  description,
  items: {
    type: "object",
    additionalProperties: false,
    required: [name, "metric"],
    properties: {
      [name]: { type: "string", pattern },
      metric: {
        type: "string",
        minLength: 1,
        description: "能力词典中的量，* 为通道号 · metric of the dictionary, * for the channel",
      },
    },
  },
});
const textsSchema = (description: string): object => ({
  type: "array",
  minItems: 1,
  maxItems: 100,
  description,
  items: { type: "string", minLength: 1, maxLength: 65_536 },
});
const RECORDER = { type: "boolean", description: "录像机 · it records" } as const;
const SNAPSHOT = { type: "boolean", description: "可抓图 · it takes pictures" } as const;

/** What a device does beside telling of events. */
interface Faculties<Access> {
  readonly access?: Access;
  readonly recorder?: boolean;
  readonly snapshot?: boolean;
}

/** What the document says, and what it leaves to the profile that it is made of. */
function faculties<Access>(own: Faculties<Access>, inherited: Faculties<Access> = {}): Faculties<Access> {
  const { access, recorder, snapshot } = { ...inherited, ...own };
  return {
    ...(access === undefined ? {} : { access }),
    ...(recorder === undefined ? {} : { recorder }),
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

export const isapiDocument: DocumentKind = {
  properties: {
    alerts: topicsSchema(
      "eventType",
      "^[a-z0-9]+$",
      "报警类型（小写）→ 量 · event type, lower case → metric",
    ),
    access: {
      type: "object",
      additionalProperties: false,
      required: ["readers"],
      description: "门禁 · it is a door",
      properties: {
        readers: {
          type: "object",
          maxProperties: 8,
          propertyNames: { pattern: "^[1-9][0-9]?$" },
          additionalProperties: { type: "string", enum: ["in", "out"] },
          description: "读头号 → 方向 · number of the reader → direction",
        },
        thermometry: { type: "boolean", description: "测温 · it measures foreheads" },
      },
    },
    recorder: RECORDER,
    snapshot: SNAPSHOT,
  },
  required: ["alerts"],
  testcase: {
    properties: { alerts: textsSchema("报警流中的条目 · entries of the alert stream") },
    required: ["alerts"],
  },
  compile(document, common, base, report) {
    const { alerts = [], without = [], ...own } = document as IsapiDocument;
    const inherited = base?.protocol === "isapi" ? base : undefined;
    checkTopics(alerts, "alerts", report);
    return {
      ...common,
      protocol: "isapi",
      // The first of a metric is the one that the simulator sends: the document's own.
      alerts: [...alerts, ...keptTopics(inherited?.alerts, without)],
      ...faculties(own, inherited),
    };
  },
  play(profile, testcase) {
    if (profile.protocol !== "isapi") return new Map();
    const states = new AlertStates(profile);
    const samples = (testcase as IsapiTestcaseDocument).alerts.flatMap((text) => {
      const alert = parseAlert(parseIsapi(new TextEncoder().encode(text)));
      if (alert === undefined) throw new Error("an entry is no alert");
      return states.take(alert, BEIJING_minutes, { receivedAt: 0, clockOffset_ms: 0 });
    });
    return bySample(samples);
  },
};

export const dahuaDocument: DocumentKind = {
  properties: {
    topics: topicsSchema("code", "^[A-Za-z0-9_]+$", "事件代码 → 量 · code of the event → metric"),
    access: { type: "boolean", description: "门禁 · it is a door" },
    recorder: RECORDER,
    snapshot: SNAPSHOT,
  },
  required: ["topics"],
  testcase: {
    properties: { events: textsSchema("事件流中的条目 · entries of the event stream") },
    required: ["events"],
  },
  compile(document, common, base, report) {
    const { topics = [], without = [], ...own } = document as DahuaDocument;
    const inherited = base?.protocol === "dahua" ? base : undefined;
    checkTopics(topics, "topics", report);
    return {
      ...common,
      protocol: "dahua",
      topics: [...topics, ...keptTopics(inherited?.topics, without)],
      ...faculties(own, inherited),
    };
  },
  play(profile, testcase) {
    return isDahua(profile)
      ? new Map((testcase as DahuaTestcaseDocument).events.flatMap((text) => dahuaSamples(profile, text)))
      : new Map();
  },
};

function dahuaSamples(profile: DahuaProfile, text: string): readonly (readonly [MetricName, PlayedSample])[] {
  const event = parseEvent(new TextEncoder().encode(text));
  if (event === undefined || event === "heartbeat") throw new Error("an entry is no event");
  const status = doorStatusIn(event);
  if (status !== undefined) return samplesOfDoorStatus(status, 0).map((each) => [each.metric, each]);
  const value = event.action !== "Stop";
  return metricsOfCode(profile, event.code, event.index).map((metric) => [metric, { value, quality: GOOD }]);
}

const isDahua = (profile: Profile): profile is DahuaProfile => profile.protocol === "dahua";

type Told = { readonly metric: string };

const keptTopics = <T extends Told>(
  topics: readonly T[] = [],
  without: readonly MetricName[],
): readonly T[] => topics.filter(({ metric }) => !without.includes(metric));

function checkTopics(topics: readonly Told[], field: string, report: Report): void {
  for (const [i, { metric }] of topics.entries()) checkMetric(metric, `${field}.${i}.metric`, report);
}
