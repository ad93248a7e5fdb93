/** `docs/reference/profiles.md`: every profile that ships, what it tells, and how far it is proven. */
import { PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import { DEVICE_CLASSES } from "@campus-ops/device-profiles/vocabulary";
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
  const { metrics, families = [], events } = declaredBy(profile);
  return [...metrics, ...families, ...events].map((name) => `\`${name}\``).join(", ");
}

function anchor(id: string): string {
  return id.replaceAll("/", "");
}
