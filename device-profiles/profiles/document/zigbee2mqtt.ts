/** Zigbee devices behind Zigbee2MQTT as documents: which property is which metric. */
import type { Profile } from "../catalogue.ts";
import type { Zigbee2mqttProfile } from "../zigbee2mqtt-profile.ts";
import { readZigbeeState } from "../zigbee2mqtt-reading.ts";
import { bySample, type DocumentKind, type ProfileDocument, type TestcaseDocument } from "./document.ts";
import { checkSourceValues, SOURCE_VALUES_SCHEMA, sourceValues } from "./source-values.ts";

type Zigbee2mqttDocument = ProfileDocument & Partial<Pick<Zigbee2mqttProfile, "exposes" | "hasActions">>;

interface Zigbee2mqttTestcaseDocument extends TestcaseDocument {
  readonly message: string;
}

export const zigbee2mqttDocument: DocumentKind = {
  properties: {
    exposes: {
      ...SOURCE_VALUES_SCHEMA,
      description: "Exposes 中的属性 → 量 · property in “Exposes” → metric",
    },
    hasActions: {
      type: "boolean",
      description: "按钮：有 action 属性 · a button: it has the property action",
    },
  },
  required: ["exposes"],
  testcase: {
    properties: {
      message: { type: "string", description: "设备主题上的 JSON · what stands at the device’s topic" },
    },
    required: ["message"],
  },
  compile(document, common, base, report) {
    const { exposes, hasActions, without } = document as Zigbee2mqttDocument;
    const inherited = isZigbee(base) ? base : undefined;
    checkSourceValues(exposes, "exposes", report);
    const actions = hasActions ?? inherited?.hasActions;
    return {
      ...common,
      protocol: "zigbee2mqtt",
      exposes: sourceValues(exposes, inherited?.exposes, without),
      ...(actions === undefined ? {} : { hasActions: actions }),
    };
  },
  play(profile, testcase) {
    if (!isZigbee(profile)) return new Map();
    const { message } = testcase as Zigbee2mqttTestcaseDocument;
    const { samples } = readZigbeeState(profile, message, { receivedAt: 0, retained: false });
    return bySample(samples);
  },
};

const isZigbee = (profile: Profile | undefined): profile is Zigbee2mqttProfile =>
  profile?.protocol === "zigbee2mqtt";
