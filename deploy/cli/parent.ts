/**
 * The section `parent` of a hub's configuration: the hub above it. What it says becomes the configuration of one more edge
 * agent beside the hub, whose devices are the hub's own campuses.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  campusPath,
  hubIdOf,
  hubPlace,
  type LocalText,
  SITE_SCHEMA,
  type Site,
} from "@campus-ops/device-profiles/vocabulary";
import { type Environment, loadDocument, OperatorError, readSettings } from "@campus-ops/service";
import { parseDocument, stringify } from "yaml";

/** The edge node by which a hub is known to its parent. */
export const HUB_NODE = "hub";

export const PARENT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  description: "the hub above this one, which is told alarms and counts, never devices' data",
  properties: {
    broker: {
      type: "string",
      pattern: "^mqtts?://",
      description: "its broker; left out where `seed` says it",
    },
    username: { type: "string", minLength: 1 },
    passwordFile: { type: "string", minLength: 1, description: "mode 0600, relative to this file" },
    tls: {
      type: "object",
      additionalProperties: false,
      properties: {
        caFile: { type: "string", minLength: 1 },
        certFile: { type: "string", minLength: 1 },
        keyFile: { type: "string", minLength: 1 },
      },
    },
    seed: {
      type: "string",
      minLength: 1,
      description:
        "edge.conf that the hub above made (campus-ops enrol); by it this hub enrols there like a box",
    },
    primaryHost: { type: "string", pattern: "^[^+#/]{1,64}$", default: "hub" },
    clears: {
      type: "array",
      uniqueItems: true,
      items: { enum: ["titles", "comments"] },
      default: [],
      description:
        "text that people typed and that may go to the hub above: titles of devices, comments on alarms; neither unless said",
    },
  },
} as const;

interface ParentDocument {
  readonly broker?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly tls?: Readonly<Record<string, string>>;
  readonly seed?: string;
  readonly primaryHost: string;
}

export interface ParentAgent {
  /** The agent's configuration file. */
  readonly file: string;
  /** Absolute; absent where the hub above knows this one by a password or a certificate that is there. */
  readonly seed?: string;
}

/** Writes the agent's configuration; undefined where no hub is above. Throws {@link OperatorError}. */
export function prepareParent(config: string, { data, run }: Environment): ParentAgent | undefined {
  const schema = { type: "object", properties: { site: SITE_SCHEMA, parent: PARENT_SCHEMA } } as const;
  const { site, parent } = loadDocument<{ readonly site?: Site; readonly parent?: ParentDocument }>(
    config,
    schema,
    readSettings(data),
  ).value;
  if (parent === undefined || site === undefined) return undefined;
  if ((parent.broker === undefined) === (parent.seed === undefined))
    throw new OperatorError(`${config}: parent needs either a broker or a seed, which names the broker`);
  const folder = join(data, "parent");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "parent.yaml");
  const devices = devicesOf(site, run);
  if (parent.seed === undefined) {
    write(file, stringify(agentDocument(parent, site, dirname(resolve(config)), devices)));
    return { file };
  }
  // Enrolment writes the rest, and leaves devices as they are.
  const document = parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "devices: []\n");
  document.set("devices", document.createNode(devices));
  write(file, document.toString());
  return { file, seed: resolve(dirname(config), parent.seed) };
}

function agentDocument(
  parent: ParentDocument,
  site: Site,
  folder: string,
  devices: readonly object[],
): object {
  const { broker, passwordFile, primaryHost, tls, username } = parent;
  const from = (file: string): string => resolve(folder, file);
  return {
    campus: { id: hubIdOf(site), path: hubPlace(site) },
    node: { id: HUB_NODE, title: titleOf(site) },
    broker: {
      url: broker,
      ...(username === undefined ? {} : { username }),
      ...(passwordFile === undefined ? {} : { passwordFile: from(passwordFile) }),
      ...(tls === undefined
        ? {}
        : { tls: Object.fromEntries(Object.entries(tls).map(([name, file]) => [name, from(file)])) }),
    },
    primaryHost,
    devices,
  };
}

/** One device a campus. */
function devicesOf(site: Site, run: string): readonly object[] {
  return site.counties.flatMap(({ campuses }) =>
    campuses.map(({ id, title }) => {
      const url = new URL(`local-hub://${pathToFileURL(resolve(run)).pathname}`);
      url.searchParams.set("campus", id);
      return { id, profile: "hub/campus-ops", title, at: campusPath(site, id), url: url.href };
    }),
  );
}

/** What the place is called that the hub is about. */
function titleOf({ city, counties }: Site): LocalText {
  const [county, ...others] = counties;
  if (county === undefined || others.length > 0) return city.title;
  const [campus, ...more] = county.campuses;
  return campus === undefined || more.length > 0 ? county.title : campus.title;
}

/** Whole or not at all: the agent reads the file anew when it changes. */
function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
