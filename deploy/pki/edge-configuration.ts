/** What a hub tells a box with its certificate: who it is, where its broker is, and the devices that were planned for it. */
import { existsSync } from "node:fs";
import { hostOfCampus } from "@campus-ops/broker/sparkplug";
import {
  CampusId,
  type CertificateIdentity,
  InvalidIdError,
  type LocalText,
  NodeId,
  nearest,
  SITE_SCHEMA,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import {
  CONFIGURATION_SCHEMA,
  type ConfigurationDocument,
} from "@campus-ops/edge-agent/configuration-schema";
import { loadDocument, OperatorError, type Overlay } from "@campus-ops/service";
import { type EnrolmentConfiguration, loadEnrolmentConfiguration } from "./configuration.ts";

export interface BoxPlan {
  readonly identity: Extract<CertificateIdentity, { role: "edge" }>;
  readonly configuration: object;
}

export interface BoxWords {
  readonly campus?: string | undefined;
  readonly node?: string | undefined;
  /** `中文` or `中文/English`. */
  readonly title?: string | undefined;
  /** An edge agent's file, whose devices the box begins with. */
  readonly devices?: string | undefined;
}

const SITE_OF_A_HUB = { type: "object", required: ["site"], properties: { site: SITE_SCHEMA } } as const;

/** Throws {@link OperatorError}. */
export function requireEnrolment(config: string): EnrolmentConfiguration {
  if (!existsSync(config)) {
    throw new OperatorError(
      `there is no configuration ${config}; name the hub's with --config, or make one: campus-ops init`,
    );
  }
  const enrolment = loadEnrolmentConfiguration(config);
  if (enrolment === undefined)
    throw new OperatorError(`${config} has no section enrolment; campus-ops init writes one`);
  return enrolment;
}

/** `overlays`: what was changed in the hub's console. Throws {@link OperatorError} with what is missing or unknown. */
export function boxPlan(
  config: string,
  enrolment: EnrolmentConfiguration,
  words: BoxWords,
  overlays: readonly Overlay[] = [],
): BoxPlan {
  const identity = boxIdentity(words);
  const { site } = loadDocument<{ readonly site: Site }>(config, SITE_OF_A_HUB, overlays).value;
  const county = site.counties.find(({ campuses }) => campuses.some(({ id }) => id === identity.campus));
  // The hub of a county, which is no campus, enrols at the city's under the county's code.
  const countyHub = site.counties.some(({ code }) => code === identity.campus);
  if (county === undefined && !countyHub) {
    const ids = site.counties.flatMap(({ campuses }) => campuses.map(({ id }) => String(id)));
    const [close] = nearest(identity.campus, ids);
    throw new OperatorError(
      `${config} knows no campus ${identity.campus}${close === undefined ? `; it knows ${ids.join(", ")}` : `; did you mean ${close}`}`,
    );
  }
  return {
    identity,
    configuration: {
      campus: {
        id: identity.campus,
        path: [site.city.code, ...(county === undefined ? [] : [county.code]), identity.campus].join("/"),
      },
      node: { id: identity.node, title: titleOf(words.title ?? identity.node) },
      broker: { url: enrolment.brokerUrl },
      primaryHost:
        enrolment.hostPerCampus === true ? hostOfCampus(enrolment.hostId, identity.campus) : enrolment.hostId,
      ...(words.devices === undefined ? {} : { devices: devicesOf(words.devices) }),
    },
  };
}

/** Throws {@link OperatorError}. */
export function boxIdentity({ campus, node }: Pick<BoxWords, "campus" | "node">): BoxPlan["identity"] {
  if (campus === undefined || node === undefined)
    throw new OperatorError("say which box: --campus and --node");
  try {
    return { role: "edge", campus: CampusId(campus), node: NodeId(node) };
  } catch (error) {
    if (error instanceof InvalidIdError) throw new OperatorError(error.message);
    throw error;
  }
}

export function titleOf(text: string): LocalText {
  const [zh = text, en] = text.split("/").map((part) => part.trim());
  return { zh, en: en ?? zh };
}

/** Passwords of devices stay where they are: they are put on the box by whoever knows them. */
function devicesOf(file: string): readonly object[] {
  const { devices } = loadDocument<ConfigurationDocument>(file, CONFIGURATION_SCHEMA).value;
  const secret = devices.find(({ secretFile }) => secretFile !== undefined);
  if (secret === undefined) return devices;
  throw new OperatorError(
    `${file}: ${secret.id} has a secretFile, and secrets are not handed over at enrolment. Leave such devices out, and add them on the box`,
  );
}
