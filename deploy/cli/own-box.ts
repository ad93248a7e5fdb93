/** A box on the hub's own machine: for a school that has one machine, and devices that it can reach. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { OperatorError } from "@campus-ops/service";
import { parse, stringify } from "yaml";

/** Its place in the hub's data folder: it is written again when devices are taken in. */
const FILE = "edges/hub-box.yaml";
const NODE = "hub-box";
const USER = "edge-hub-box";

export interface OwnBox {
  /** Id and asset path of the campus whose devices they are. */
  readonly campus: { readonly id: string; readonly path: string };
  /** What it may search, and where what it takes in has to be. */
  readonly ranges: string;
  /** The broker's on loopback. */
  readonly mqttPort: number;
}

/** Where `hub.yaml` names it, and what the broker knows it by. */
export interface OwnBoxFiles {
  readonly edge: string;
  readonly secret: string;
  readonly user: object;
}

/** `folder` is the hub configuration's. */
export function ownBoxFiles(folder: string, data: string, { campus }: OwnBox): OwnBoxFiles {
  const passwordFile = join("secrets", `broker-${USER}`);
  return {
    edge: join(data, FILE),
    secret: join(folder, passwordFile),
    user: { name: USER, passwordFile, role: "edge", campus: campus.id, node: NODE },
  };
}

/** One of an attempt before gives way. Throws an {@link OperatorError} for one that knows devices. */
export function writeOwnBox(
  { edge, secret }: OwnBoxFiles,
  { campus, mqttPort, ranges }: OwnBox,
  hostId: string,
): void {
  if (existsSync(edge) && knowsDevices(edge))
    throw new OperatorError(`${edge} is there already and knows devices; move it away first`);
  mkdirSync(dirname(edge), { recursive: true, mode: 0o700 });
  const text = stringify({
    campus,
    node: { id: NODE, title: { zh: "平台机", en: "The hub's machine" } },
    broker: {
      url: `mqtt://127.0.0.1:${mqttPort}`,
      username: USER,
      passwordFile: relative(dirname(edge), secret),
    },
    primaryHost: hostId,
    discovery: { ranges },
    devices: [],
  });
  writeFileSync(edge, text, { mode: 0o600 });
}

function knowsDevices(edge: string): boolean {
  const document: unknown = parse(readFileSync(edge, "utf8"));
  const devices =
    typeof document === "object" && document !== null && "devices" in document && document.devices;
  return !Array.isArray(devices) || devices.length > 0;
}
