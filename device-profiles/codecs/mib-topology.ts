/**
 * What hangs from which port: LLDP neighbours (IEEE 802.1AB) and the MAC addresses that a bridge has learned
 * (RFC 4188, RFC 4363). Ports are named by ifIndex here; the MIBs themselves use two other numberings.
 */
import { BRIDGE_MIB, IF_MIB, LLDP_MIB } from "./mib-objects.ts";
import { rowsOf } from "./mib-tables.ts";
import { displayString, SnmpType, UnexpectedVarbindError, type Varbind } from "./snmp.ts";

export const NEIGHBOUR_COLUMNS: readonly string[] = [...Object.values(LLDP_MIB), IF_MIB.ifName];
export const STATION_COLUMNS: readonly string[] = Object.values(BRIDGE_MIB);

/** A port behind which more are heard leads to another switch: it tells none of them. */
export const STATIONS_PER_PORT_MAX = 32;

export interface Neighbour {
  /** Its system name or, failing that, its chassis id. */
  readonly name: string;
  /** It forwards for others: a switch or a router, and neither an access point nor a telephone. */
  readonly forwards: boolean;
}

/** LldpChassisIdSubtype and LldpPortIdSubtype. */
const CHASSIS_MAC = 4;
const PORT_INTERFACE_NAME = 5;
const PORT_LOCAL = 7;
const MAC_BYTES = 6;

/** LldpSystemCapabilitiesMap: bit 0 is the first bit of the first byte. */
const BRIDGE = 0x20;
const WLAN_ACCESS_POINT = 0x10;
const ROUTER = 0x08;
const TELEPHONE = 0x04;

/**
 * The neighbour at each ifIndex. A local port is found by the name or the ifIndex that the device gives as its id;
 * failing that by the bridge port of its number, and failing that its number is the ifIndex itself.
 */
export function neighboursOf(varbinds: readonly Varbind[]): ReadonlyMap<number, Neighbour> {
  const names = rowsOf(varbinds, LLDP_MIB.lldpRemSysName);
  const chassis = rowsOf(varbinds, LLDP_MIB.lldpRemChassisId);
  const subtypes = rowsOf(varbinds, LLDP_MIB.lldpRemChassisIdSubtype);
  const capabilities = rowsOf(varbinds, LLDP_MIB.lldpRemSysCapEnabled);
  const ifIndexOf = localPorts(varbinds);
  const found = new Map<number, Neighbour>();
  for (const row of new Set([...chassis.keys(), ...names.keys()])) {
    const localPort = Number(row.split(".")[1]);
    if (!Number.isInteger(localPort)) continue;
    const name = textOf(names.get(row)) || chassisName(subtypes.get(row), chassis.get(row));
    if (name === "") continue;
    found.set(ifIndexOf(localPort), { name, forwards: forwards(capabilities.get(row)) });
  }
  return found;
}

/** The stations learned at each ifIndex, ascending; none for a port that leads to another switch. */
export function stationsOf(varbinds: readonly Varbind[]): ReadonlyMap<number, readonly string[]> {
  const ifIndexOf = bridgePorts(varbinds);
  const stations = new Map<number, Set<string>>();
  for (const [ports, statuses] of [
    [BRIDGE_MIB.dot1qTpFdbPort, BRIDGE_MIB.dot1qTpFdbStatus],
    [BRIDGE_MIB.dot1dTpFdbPort, BRIDGE_MIB.dot1dTpFdbStatus],
  ] as const) {
    const status = rowsOf(varbinds, statuses);
    for (const [row, { value }] of rowsOf(varbinds, ports)) {
      const mac = row.split(".").slice(-MAC_BYTES).map(Number);
      const learned = (status.get(row)?.value ?? LEARNED) === LEARNED;
      if (!learned || typeof value !== "number" || value === 0 || mac.length !== MAC_BYTES) continue;
      const ifIndex = ifIndexOf.get(value) ?? value;
      const here = stations.get(ifIndex) ?? new Set();
      here.add(colonHex(mac));
      stations.set(ifIndex, here);
    }
  }
  return new Map(
    [...stations].map(([ifIndex, here]) => [
      ifIndex,
      here.size > STATIONS_PER_PORT_MAX ? [] : [...here].toSorted(),
    ]),
  );
}

/** dot1dTpFdbStatus learned(3); self(4) are the device's own addresses. */
const LEARNED = 3;

/** Rows of a device that has these neighbours, and gives the ifIndex as the id of each local port. */
export function encodeNeighbours(neighbours: ReadonlyMap<number, Neighbour>): readonly Varbind[] {
  return [...neighbours].flatMap(([ifIndex, { name, forwards: bridge }]) => {
    const row = `0.${ifIndex}.1`;
    return [
      { oid: `${LLDP_MIB.lldpLocPortIdSubtype}.${ifIndex}`, type: SnmpType.Integer, value: PORT_LOCAL },
      {
        oid: `${LLDP_MIB.lldpLocPortId}.${ifIndex}`,
        type: SnmpType.OctetString,
        value: new TextEncoder().encode(`${ifIndex}`),
      },
      { oid: `${LLDP_MIB.lldpRemChassisIdSubtype}.${row}`, type: SnmpType.Integer, value: CHASSIS_MAC },
      {
        oid: `${LLDP_MIB.lldpRemChassisId}.${row}`,
        type: SnmpType.OctetString,
        value: Uint8Array.of(2, 0, 0, 0, ifIndex >> 8, ifIndex & 0xff),
      },
      {
        oid: `${LLDP_MIB.lldpRemSysName}.${row}`,
        type: SnmpType.OctetString,
        value: new TextEncoder().encode(name),
      },
      {
        oid: `${LLDP_MIB.lldpRemSysCapEnabled}.${row}`,
        type: SnmpType.OctetString,
        value: Uint8Array.of(bridge ? BRIDGE : 0),
      },
    ];
  });
}

/** Rows of a device that has heard these stations; bridge ports are numbered from 1 in the order of the map. */
export function encodeStations(stations: ReadonlyMap<number, readonly string[]>): readonly Varbind[] {
  return [...stations].flatMap(([ifIndex, macs], at) => [
    { oid: `${BRIDGE_MIB.dot1dBasePortIfIndex}.${at + 1}`, type: SnmpType.Integer, value: ifIndex },
    ...macs.flatMap((mac) => {
      const row = `1.${macNumbers(mac).join(".")}`;
      return [
        { oid: `${BRIDGE_MIB.dot1qTpFdbPort}.${row}`, type: SnmpType.Integer, value: at + 1 },
        { oid: `${BRIDGE_MIB.dot1qTpFdbStatus}.${row}`, type: SnmpType.Integer, value: LEARNED },
      ];
    }),
  ]);
}

function localPorts(varbinds: readonly Varbind[]): (localPort: number) => number {
  const subtypes = rowsOf(varbinds, LLDP_MIB.lldpLocPortIdSubtype);
  const ids = rowsOf(varbinds, LLDP_MIB.lldpLocPortId);
  const ifIndexByName = new Map(
    [...rowsOf(varbinds, IF_MIB.ifName)].map(([ifIndex, name]) => [textOf(name), Number(ifIndex)]),
  );
  const ofBridge = bridgePorts(varbinds);
  return (localPort) => {
    const subtype = subtypes.get(`${localPort}`)?.value;
    const id = textOf(ids.get(`${localPort}`));
    if (subtype === PORT_LOCAL && /^[1-9][0-9]{0,9}$/.test(id)) return Number(id);
    const byName = subtype === PORT_INTERFACE_NAME ? ifIndexByName.get(id) : undefined;
    return byName ?? ofBridge.get(localPort) ?? localPort;
  };
}

function bridgePorts(varbinds: readonly Varbind[]): ReadonlyMap<number, number> {
  return new Map(
    [...rowsOf(varbinds, BRIDGE_MIB.dot1dBasePortIfIndex)].map(([port, { value }]) => [
      Number(port),
      Number(value),
    ]),
  );
}

function chassisName(subtype: Varbind | undefined, id: Varbind | undefined): string {
  if (subtype?.value === CHASSIS_MAC && id?.value instanceof Uint8Array) return colonHex([...id.value]);
  return textOf(id);
}

function forwards(capabilities: Varbind | undefined): boolean {
  const bits = capabilities?.value instanceof Uint8Array ? (capabilities.value[0] ?? 0) : 0;
  return (bits & (BRIDGE | ROUTER)) !== 0 && (bits & (WLAN_ACCESS_POINT | TELEPHONE)) === 0;
}

function textOf(varbind: Varbind | undefined): string {
  if (varbind === undefined) return "";
  try {
    return String(displayString.decode(varbind));
  } catch (error) {
    if (!(error instanceof UnexpectedVarbindError)) throw error;
    return "";
  }
}

const colonHex = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");

function macNumbers(mac: string): number[] {
  const bytes = mac.split(":").map((each) => Number.parseInt(each, 16));
  if (bytes.length !== MAC_BYTES || bytes.some((byte) => !(byte >= 0 && byte <= 0xff))) {
    throw new UnexpectedVarbindError(`${mac} is not a MAC address`);
  }
  return bytes;
}
