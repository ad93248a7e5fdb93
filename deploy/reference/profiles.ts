/** `docs/profiles`: every profile that ships, a page a class: what it tells, how far it is proven, what can be rehearsed. */
import { PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import { DOCUMENT_PROTOCOLS } from "@campus-ops/device-profiles/profiles/document/kinds";
import { SIMULATED_FAULTS, type SimulatedFault, startSimulator } from "@campus-ops/device-profiles/simulator";
import {
  DEVICE_CLASSES,
  type DeviceClass,
  eventDefinition,
  metricDefinition,
} from "@campus-ops/device-profiles/vocabulary";
import { URL_SCHEMES } from "@campus-ops/edge-agent/driver-registry";
import { table } from "./markdown.ts";

const PROVEN: Readonly<Record<Profile["proven"], string>> = {
  vectors: "报文 · frames of documents or recordings, and our own simulator",
  peer: "独立程序 · an independent program that speaks the protocol",
  hardware: "真机 · the device itself",
};

/** By file name in `docs/profiles`. */
export async function profilePages(): Promise<ReadonlyMap<string, string>> {
  const classes = (Object.keys(DEVICE_CLASSES) as DeviceClass[]).filter(
    (each) => profilesOf(each).length > 0,
  );
  const pages = await Promise.all(
    classes.map(async (each): Promise<[string, string]> => [`${each}.md`, await classPage(each)]),
  );
  return new Map([["README.md", index(classes)], ...pages]);
}

const profilesOf = (deviceClass: DeviceClass): readonly Profile[] =>
  PROFILES.filter((profile) => profile.class === deviceClass);

function index(classes: readonly DeviceClass[]): string {
  const proven = (["vectors", "peer", "hardware"] as const).map(
    (each) => `${PROFILES.filter((profile) => profile.proven === each).length} by \`${each}\``,
  );
  const rows = classes.flatMap((deviceClass) =>
    profilesOf(deviceClass).map((profile) => [
      `${DEVICE_CLASSES[deviceClass].zh} · [${deviceClass}](${deviceClass}.md)`,
      `[\`${profile.id}\`](${deviceClass}.md#${anchor(profile.id)})`,
      profile.title.zh,
      profile.protocol,
      profile.proven,
    ]),
  );
  return [
    "# Device profiles",
    `A profile says what a device tells, in the words of the [capability dictionary](../reference/capabilities.md), and how to ask it. ${PROFILES.length} ship; ${proven.join(", ")}. \`vectors\`: against frames of documents or recordings, and our own simulator; \`peer\`: against an independent program that speaks the protocol; \`hardware\`: against the device itself.`,
    `A profile of your own is a YAML file in a folder of yours, for ${DOCUMENT_PROTOCOLS.join(", ")}: see [the installer's page](../installer.md#a-profile-of-your-own) and [an example](../../examples/profiles/corridor-sensor.yaml). Any profile can be rehearsed without its device: \`npm run campus-ops -- simulate <profile>\`.`,
    table(["设备类别 · class", "profile", "设备 · device", "protocol", "proven"], rows),
  ].join("\n\n");
}

async function classPage(deviceClass: DeviceClass): Promise<string> {
  const { en, zh } = DEVICE_CLASSES[deviceClass];
  const sections = await Promise.all(profilesOf(deviceClass).map(section));
  return [`# ${zh} · ${en}`, ...sections].join("\n\n");
}

async function section(profile: Profile): Promise<string> {
  const { events, families = [], metrics } = declaredBy(profile);
  const facts = metrics.filter((name) => metricDefinition(name)?.kind === "attribute");
  const readings = [...metrics.filter((name) => !facts.includes(name)), ...families];
  const schemes = URL_SCHEMES[profile.protocol].map((scheme) => `\`${scheme}//\``).join(", ");
  const faults = await faultsOf(profile);
  return [
    `## ${profile.id}`,
    `${profile.title.zh} · ${profile.title.en}. ${profile.vendor}, ${profile.model}. Spoken to over ${schemes}; looked at every ${duration(profile.pollInterval_ms)} unless the site says otherwise. Proven by ${PROVEN[profile.proven]}.`,
    ...(readings.length === 0 ? [] : [table(["metric", "", "unit", ""], readings.map(metricRow))]),
    ...(events.length === 0 ? [] : [`Events: ${events.map(eventText).join(", ")}.`]),
    ...(facts.length === 0 ? [] : [`Facts: ${facts.map((name) => `\`${name}\``).join(", ")}.`]),
    `Its simulator plays: ${faults.map((fault) => `\`${fault}\` (${SIMULATED_FAULTS[fault]})`).join(", ")}.`,
    ["Sources:", "", ...profile.sources.map((source) => `- ${source}`)].join("\n"),
  ].join("\n\n");
}

/** What a device can play is known to the one that plays it. */
async function faultsOf(profile: Profile): Promise<readonly SimulatedFault[]> {
  const device = await startSimulator(profile, { username: "reference", secret: "reference" });
  await device.close();
  return device.faults;
}

function metricRow(name: string): readonly string[] {
  const definition = metricDefinition(name.replace("*", "1"));
  return [
    `\`${name}\``,
    definition === undefined ? "" : `${definition.title.zh} · ${definition.title.en}`,
    definition?.unit ?? "",
    definition?.writable === true ? "**writable**" : "",
  ];
}

const eventText = (name: string): string => `\`${name}\` ${eventDefinition(name)?.title.zh ?? ""}`.trim();

const duration = (milliseconds: number): string =>
  milliseconds % 1_000 === 0 ? `${milliseconds / 1_000} s` : `${milliseconds} ms`;

const anchor = (id: string): string => id.replaceAll("/", "");
