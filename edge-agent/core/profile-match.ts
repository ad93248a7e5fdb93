/** Which profile fits a device that was found, how surely, and why. */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

/** What a device said of itself, as far as its protocol lets it. */
export interface DeviceFacts {
  readonly vendor?: string;
  readonly model?: string;
  readonly name?: string;
  readonly description?: string;
  readonly firmware?: string;
  /** sysObjectID. */
  readonly objectId?: string;
  readonly pjlinkClass?: number;
  readonly mac?: string;
}

export interface ProfileMatch {
  readonly profile: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly why: LocalText;
}

const MATCHES_MAX = 3;
/** Of the least word of a model that means anything: “IP” and “v2” do not. */
const MODEL_WORD_CHARACTERS_MIN = 3;

/** IANA's private enterprise numbers of vendors that campuses have: the arc below 1.3.6.1.4.1. */
const ENTERPRISES: Readonly<Record<string, string>> = {
  9: "Cisco",
  11: "HP",
  43: "3Com",
  318: "APC",
  2011: "Huawei",
  4881: "Ruijie",
  8072: "net-snmp",
  11863: "TP-Link",
  14988: "MikroTik",
  25506: "H3C",
  39165: "Hikvision",
  41112: "Ubiquiti",
};
const ENTERPRISE_ARC = "1.3.6.1.4.1.";

/** The vendor that a sysObjectID names, as far as it is known here. */
export function vendorOfObjectId(objectId: string | undefined): string | undefined {
  if (objectId?.startsWith(ENTERPRISE_ARC) !== true) return undefined;
  return ENTERPRISES[objectId.slice(ENTERPRISE_ARC.length).split(".")[0] ?? ""];
}

/** The likeliest first. */
export function matchProfiles(
  protocol: string,
  facts: DeviceFacts,
  profiles: readonly Profile[],
): readonly ProfileMatch[] {
  return profiles
    .filter((profile) => profile.protocol === protocol)
    .map((profile) => judge(profile, facts))
    .filter(({ confidence }) => confidence > 0)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, MATCHES_MAX);
}

function judge(profile: Profile, facts: DeviceFacts): ProfileMatch {
  const said = [facts.vendor, facts.model, facts.description, facts.name, vendorOfObjectId(facts.objectId)]
    .filter((each) => each !== undefined)
    .join(" ")
    .toLowerCase();
  const result = (confidence: number, zh: string, en: string): ProfileMatch => ({
    profile: profile.id,
    confidence,
    why: { zh, en },
  });
  if (profile.vendor === "generic") {
    if (profile.protocol === "pjlink") {
      return profile.pjlinkClass === facts.pjlinkClass
        ? result(
            0.8,
            `设备自称 PJLink ${facts.pjlinkClass} 类`,
            `says that it is PJLink class ${facts.pjlinkClass}`,
          )
        : result(0.3, "使用 PJLink，类别不同", "speaks PJLink, of another class");
    }
    if (profile.protocol === "onvif") {
      return result(0.6, "通用模型：应答 ONVIF 发现", "a generic profile: it answers ONVIF's discovery");
    }
    if (profile.protocol === "snmp" && profile.discoversPorts === true) {
      return result(
        0.4,
        "通用模型：端口由设备自己说明",
        "a generic profile, of devices that name their own ports",
      );
    }
    if (profile.protocol === "snmp") {
      return result(0.3, "通用模型：应答 SNMP", "a generic profile: it answers SNMP");
    }
    // Every map of registers is another: that it speaks Modbus says nothing about which.
    return result(
      0.1,
      `仅知其使用 ${profile.protocol}`,
      `all that is known is that it speaks ${profile.protocol}`,
    );
  }
  if (!said.includes(profile.vendor.toLowerCase())) return result(0, "", "");
  const words = profile.model
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length >= MODEL_WORD_CHARACTERS_MIN);
  const matching = words.filter((word) => said.includes(word));
  return matching.length > 0
    ? result(0.9, `厂商与型号相符（${matching.join("、")}）`, `vendor and model fit (${matching.join(", ")})`)
    : result(0.6, `厂商相符（${profile.vendor}）`, `the vendor fits (${profile.vendor})`);
}
