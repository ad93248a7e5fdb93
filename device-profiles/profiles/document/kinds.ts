/** Which protocols' profiles can be written as documents, and how a document becomes a profile. */
import { type LocalText, nearest, type SampleValue } from "../../vocabulary/index.ts";
import type { Profile } from "../catalogue.ts";
import { gbt26875Document, jt808Document } from "./calling.ts";
import { chirpstackDocument } from "./chirpstack.ts";
import { cjt188Document } from "./cjt188.ts";
import { dlt645Document } from "./dlt645.ts";
import {
  commonOf,
  type DocumentKind,
  documentSchema,
  type ExpectedSample,
  type PlayedSample,
  type ProfileDocument,
  type Report,
  type TestcaseDocument,
} from "./document.ts";
import { modbusDocument } from "./modbus.ts";
import { onvifDocument } from "./onvif.ts";
import { osdpDocument } from "./osdp.ts";
import { pjlinkDocument } from "./pjlink.ts";
import { pullDocument, webhookDocument } from "./records.ts";
import { rtspDocument } from "./rtsp.ts";
import { serialControlDocument } from "./serial-control.ts";
import { snmpDocument } from "./snmp.ts";
import { dahuaDocument, isapiDocument } from "./topics.ts";
import { zigbee2mqttDocument } from "./zigbee2mqtt.ts";

const KINDS: Readonly<Partial<Record<Profile["protocol"], DocumentKind>>> = {
  chirpstack: chirpstackDocument,
  cjt188: cjt188Document,
  dahua: dahuaDocument,
  dlt645: dlt645Document,
  gbt26875: gbt26875Document,
  isapi: isapiDocument,
  jt808: jt808Document,
  modbus: modbusDocument,
  onvif: onvifDocument,
  osdp: osdpDocument,
  pjlink: pjlinkDocument,
  pull: pullDocument,
  rtsp: rtspDocument,
  "serial-control": serialControlDocument,
  snmp: snmpDocument,
  webhook: webhookDocument,
  zigbee2mqtt: zigbee2mqttDocument,
};

export const DOCUMENT_PROTOCOLS: readonly string[] = Object.keys(KINDS);

/** JSON schema of a profile's document by protocol. */
export const PROFILE_SCHEMAS: ReadonlyMap<string, object> = new Map(
  Object.entries(KINDS).map(([protocol, kind]) => [protocol, documentSchema(protocol, kind)]),
);

/**
 * The profile that a document describes; undefined when `report` was told of anything. `document` has passed the schema
 * of its protocol. `revision` is anything that changes with the document.
 */
export function compileProfile(
  document: ProfileDocument,
  find: (id: string) => Profile | undefined,
  revision: string,
  report: Report,
): Profile | undefined {
  let problems = 0;
  const counting: Report = (field, problem) => {
    problems += 1;
    report(field, problem);
  };
  const base = baseOf(document, find, counting);
  const common = commonOf(document, base, revision);
  const profile = kindOf(document.protocol)?.compile(document, common, base, counting);
  return problems === 0 ? profile : undefined;
}

function baseOf(
  { extends: id, protocol }: ProfileDocument,
  find: (id: string) => Profile | undefined,
  report: Report,
): Profile | undefined {
  if (id === undefined) return undefined;
  const base = find(id);
  if (base === undefined) {
    report("extends", { zh: `没有设备模型“${id}”`, en: `there is no profile ${id}` });
  } else if (base.protocol !== protocol) {
    report("extends", {
      zh: `“${id}”使用 ${base.protocol}，不是 ${protocol}`,
      en: `${id} speaks ${base.protocol}, not ${protocol}`,
    });
  }
  return base?.protocol === protocol ? base : undefined;
}

/** Plays a testcase's frames to the profile; what differs from what it expects, by metric. */
export function runTestcase(profile: Profile, testcase: TestcaseDocument): readonly LocalText[] {
  let played: ReadonlyMap<string, PlayedSample>;
  try {
    played = kindOf(profile.protocol)?.play(profile, testcase) ?? new Map();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ zh: `报文无法解析：${why}`, en: `the frames make no sense: ${why}` }];
  }
  return Object.entries(testcase.samples).flatMap(([metric, expected]) => {
    const found = played.get(metric);
    if (found === undefined) {
      const [hint] = nearest(metric, played.keys());
      return [
        {
          zh: `${metric}：报文中没有${hint === undefined ? "" : `（有 ${hint}）`}`,
          en: `${metric}: the frames bring none${hint === undefined ? "" : ` (they bring ${hint})`}`,
        },
      ];
    }
    const wanted = wholeSample(expected);
    if (found.value === wanted.value && sayQuality(found) === sayQuality(wanted)) return [];
    return [
      {
        zh: `${metric}：应为 ${say(wanted)}，实为 ${say(found)}`,
        en: `${metric}: expected ${say(wanted)}, found ${say(found)}`,
      },
    ];
  });
}

const kindOf = (protocol: string): DocumentKind | undefined => KINDS[protocol as Profile["protocol"]];

function wholeSample(expected: ExpectedSample): PlayedSample {
  return typeof expected === "object" && expected !== null
    ? expected
    : { value: expected, quality: { status: "good" } };
}

const sayValue = (value: SampleValue): string =>
  typeof value === "bigint" ? value.toString() : JSON.stringify(value);

const sayQuality = ({ quality }: PlayedSample): string =>
  quality.status === "good" ? "good" : `${quality.status}/${quality.reason}`;

const say = (sample: PlayedSample): string =>
  sample.quality.status === "good"
    ? sayValue(sample.value)
    : `${sayValue(sample.value)} (${sayQuality(sample)})`;
