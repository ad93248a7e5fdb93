/** ONVIF profiles as documents. */
import { parsePullMessages, parseSoap } from "../../codecs/onvif-responses.ts";
import type { MetricName } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import { type OnvifProfile, type OnvifTopic, samplesFromNotification } from "../onvif-profile.ts";
import {
  checkMetric,
  type DocumentKind,
  ENTRIES_MAX,
  type ProfileDocument,
  type TestcaseDocument,
} from "./document.ts";

interface OnvifDocument extends ProfileDocument {
  readonly topics?: readonly OnvifTopic[];
}

interface OnvifTestcaseDocument extends TestcaseDocument {
  readonly document: string;
}

export const onvifDocument: DocumentKind = {
  properties: {
    topics: {
      type: "array",
      maxItems: ENTRIES_MAX,
      description: "主题 → 量 · topics and the metrics they tell of",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["topic", "item", "metric"],
        properties: {
          topic: {
            type: "string",
            minLength: 1,
            description: "不带前缀，如 VideoSource/MotionAlarm · without prefixes",
          },
          item: {
            type: "string",
            minLength: 1,
            description: "Data 中的 SimpleItem 名 · name of the SimpleItem",
          },
          metric: { type: "string", minLength: 1, description: "能力词典中的量 · metric of the dictionary" },
        },
      },
    },
  },
  required: ["topics"],
  testcase: {
    properties: {
      document: {
        type: "string",
        description: "PullMessages 的应答 · the SOAP document that answers a PullMessages",
      },
    },
    required: ["document"],
  },
  compile(document, common, base, report) {
    const { topics = [], without = [] } = document as OnvifDocument;
    for (const [index, { metric }] of topics.entries()) checkMetric(metric, `topics.${index}.metric`, report);
    const inherited = isOnvif(base) ? base : undefined;
    const kept = (inherited?.topics ?? []).filter(({ metric }) => !without.includes(metric));
    // The first topic of a metric is the one that the simulator sends: the document's own.
    return { ...inherited, ...common, protocol: "onvif", topics: [...topics, ...kept] };
  },
  play(profile, testcase) {
    if (!isOnvif(profile)) return new Map();
    const answer = parseSoap((testcase as OnvifTestcaseDocument).document);
    const notifications = answer?.kind === "body" ? parsePullMessages(answer.body) : undefined;
    if (notifications === undefined) throw new Error("the document does not answer a PullMessages");
    const samples = notifications.flatMap((each) => {
      // A camera whose clock is right: what is proven here is what its topics mean.
      const receivedAt = each.utcTime ?? 0;
      return samplesFromNotification(profile, each, { receivedAt, clockOffset_ms: 0 });
    });
    return new Map<MetricName, (typeof samples)[number]>(samples.map((each) => [each.metric, each]));
  },
};

const isOnvif = (profile: Profile | undefined): profile is OnvifProfile => profile?.protocol === "onvif";
