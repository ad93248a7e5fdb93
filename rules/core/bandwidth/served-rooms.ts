/**
 * Which ports of which switches serve the room of which class: what is declared of a switch, and what follows from the
 * stations that it has learned, where a device whose MAC address is known stands in a classroom.
 */
import {
  type AssetPath,
  ancestorAt,
  type DeviceClass,
  parseMetricName,
  type Quality,
} from "@campus-ops/device-profiles/vocabulary";
import { isWiring, nearestPorts, type WiringTeller } from "../wiring.ts";

/** A device as ingest shows it. */
export interface ToldDevice {
  readonly key: string;
  readonly class: DeviceClass;
  readonly path: AssetPath;
  readonly health: "working" | "faulty" | "unreachable" | "stale" | "retired";
  readonly metrics: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly quality: Pick<Quality, "status">;
  }[];
}

export interface ServedPort {
  /** Key of the switch. */
  readonly at: string;
  /** Instance of its `Port` metrics. */
  readonly port: string;
  readonly how: "declared" | "learned";
  /** Mbit/s, as negotiated now; absent where the port is down, or nobody can say. */
  readonly link_Mbps?: number;
}

export interface ServedRoom {
  readonly room: AssetPath;
  /** None where the room is a class's and nobody knows what serves it. */
  readonly ports: readonly ServedPort[];
}

/** Where one of these stands, a class is taught. */
const OF_CLASSROOMS: ReadonlySet<DeviceClass> = new Set(["classroom-controller", "projector"]);

/**
 * Rooms of one campus in order of their paths. `special` are rooms that are no class's own; a port is theirs only where
 * a switch declares it. A port that leads to devices in several rooms serves none of them alone, and is left out.
 */
export function servedRooms(
  devices: readonly ToldDevice[],
  special: ReadonlySet<AssetPath>,
): readonly ServedRoom[] {
  const present = devices.filter(({ health }) => health !== "retired");
  const rooms = new Map<AssetPath, ServedPort[]>();
  const roomOf = ({ path }: ToldDevice): AssetPath | undefined => ancestorAt(path, "space");
  for (const device of present) {
    const room = roomOf(device);
    if (room !== undefined && OF_CLASSROOMS.has(device.class) && !special.has(room)) rooms.set(room, []);
  }
  const declared = new Set<string>();
  for (const device of present)
    for (const [port, room] of declaredPorts(device)) {
      rooms.set(room, [...(rooms.get(room) ?? []), portOf(device, port, "declared")]);
      declared.add(`${device.key} ${port}`);
    }
  for (const { device, port, rooms: behind } of learnedPorts(present, roomOf)) {
    const [room = "", another] = [...behind];
    const known = rooms.get(room);
    if (known === undefined || another !== undefined || declared.has(`${device.key} ${port}`)) continue;
    known.push(portOf(device, port, "learned"));
  }
  return [...rooms].map(([room, ports]) => ({ room, ports })).sort((a, b) => (a.room < b.room ? -1 : 1));
}

/** `Properties/Serves`: port=asset path, separated by commas. */
function* declaredPorts({ metrics }: ToldDevice): Generator<readonly [port: string, room: AssetPath]> {
  const told = metrics.find(({ name }) => name === "Properties/Serves")?.value;
  if (typeof told !== "string") return;
  for (const each of told.split(",")) {
    const [port = "", room = ""] = each.split("=");
    if (port !== "" && room !== "") yield [port, room];
  }
}

interface LearnedPort {
  readonly device: ToldDevice;
  readonly port: string;
  readonly rooms: Set<AssetPath>;
}

function learnedPorts(
  devices: readonly ToldDevice[],
  roomOf: (device: ToldDevice) => AssetPath | undefined,
): Iterable<LearnedPort> {
  const nearest = nearestPorts(devices.flatMap(tellerOf));
  const ports = new Map<string, LearnedPort>();
  for (const device of devices) {
    const room = roomOf(device);
    const found = nearest.get(macOf(device) ?? "");
    if (room === undefined || found === undefined || found.at.key === device.key) continue;
    const key = `${found.at.key} ${found.port}`;
    const known = ports.get(key);
    if (known === undefined)
      ports.set(key, { device: found.at.device, port: found.port, rooms: new Set([room]) });
    else known.rooms.add(room);
  }
  return ports.values();
}

function tellerOf(device: ToldDevice): readonly (WiringTeller & { readonly device: ToldDevice })[] {
  const wiring = new Map(
    device.metrics.flatMap(({ name, value }) =>
      isWiring(name) && typeof value === "string" ? [[name, value] as const] : [],
    ),
  );
  const mac = macOf(device);
  const tells = [...wiring.keys()].some((name) => parseMetricName(name)?.capability === "Port");
  return tells ? [{ key: device.key, device, wiring, facts: mac === undefined ? {} : { mac } }] : [];
}

function macOf({ metrics }: ToldDevice): string | undefined {
  const mac = metrics.find(({ name }) => name === "Properties/Mac")?.value;
  return typeof mac === "string" && mac !== "" ? mac : undefined;
}

function portOf({ key, health, metrics }: ToldDevice, port: string, how: ServedPort["how"]): ServedPort {
  const told = (metric: string): unknown => {
    const found = metrics.find(({ name }) => name === `Port/${port}/${metric}`);
    return found?.quality.status === "bad" ? undefined : found?.value;
  };
  const speed = told("Speed");
  const heard = health === "working" || health === "faulty";
  const isUp = heard && told("Oper") === "up" && typeof speed === "number" && speed > 0;
  return { at: key, port, how, ...(isUp ? { link_Mbps: speed } : {}) };
}
