/** `docs/reference/profiles.md`: every profile that ships, what it tells, and how far it is proven. */
import { PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import { CAPABILITIES, DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import { table } from "./markdown.ts";

export function profilesPage(): string {
  const rows = PROFILES.map((profile) => [
    `[\`${profile.id}\`](#${anchor(profile.id)})`,
    profile.title.zh,
    DEVICE_CLASSES[profile.class].zh,
    profile.protocol,
    profile.proven,
  ]);
  return [
    "# Device profiles",
    "How far a profile is proven: `vectors`, against recorded or specification-derived frames and our own simulator; `peer`, against an independent program that speaks the protocol; `hardware`, against the device itself. **None is proven on hardware yet.**",
    table(["profile", "设备", "class", "protocol", "proven"], rows),
    ...PROFILES.map(section),
  ].join("\n\n");
}

function section(profile: Profile): string {
  return [
    `## ${profile.id}`,
    `${profile.title.zh} · ${profile.title.en}. Vendor ${profile.vendor}, model ${profile.model}. Looked at every ${profile.pollInterval_ms} ms unless the site says otherwise.`,
    `Tells: ${tells(profile)}`,
    ["Sources:", "", ...profile.sources.map((source) => `- ${source}`)].join("\n"),
  ].join("\n\n");
}

function tells(profile: Profile): string {
  return names(profile)
    .map((name) => `\`${name}\``)
    .join(", ");
}

function names(profile: Profile): readonly string[] {
  switch (profile.protocol) {
    case "modbus":
      return [
        ...Object.keys(profile.identity),
        ...Object.keys(profile.points),
        ...(profile.log === undefined ? [] : [profile.log.event]),
      ];
    case "snmp":
      return [
        ...[...profile.attributes, ...profile.scalars].map(({ metric }) => metric),
        ...profile.columns.map(({ capability, metric }) => `${capability}/<port>/${metric}`),
      ];
    case "onvif":
      return [...new Set(profile.topics.map(({ metric }) => metric))];
    case "pjlink":
      return Object.keys(CAPABILITIES.Projector.metrics).map((metric) => `Projector/${metric}`);
  }
}

function anchor(id: string): string {
  return id.replaceAll("/", "");
}
