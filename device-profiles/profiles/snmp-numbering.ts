/**
 * A port is known by the number printed on the front of the switch. `ifIndex` of IF-MIB and the port index of
 * POWER-ETHERNET-MIB are two other numberings.
 */
import { IF_MIB } from "../codecs/mib-objects.ts";
import { rowsOf } from "../codecs/mib-tables.ts";
import { displayString, UnexpectedVarbindError, type Varbind } from "../codecs/snmp.ts";

/** Turns a front-panel port number into the numbers of the MIBs. */
export interface PortNumbering {
  /** Front-panel ports; absent means every row the device has. */
  readonly ports?: readonly number[];
  /** Ports that carry other devices: a command that cuts their power is refused. */
  readonly uplinks: readonly number[];
  /** `ifIndex` = port number + this. Many vendors begin at 10101 or the like. */
  readonly ifIndexOffset: number;
  /** pethPsePortGroupIndex: the module of a chassis or the member of a stack. */
  readonly poeGroup: number;
  /** `ifIndex` by front-panel port, as {@link discoverPorts} found them; takes the place of the offset. */
  readonly ifIndexByPort?: ReadonlyMap<number, number>;
}

/** How a table names its rows: `ifIndex`, or the group and port of RFC 3621. */
export type RowIndex = "ifIndex" | "pethPsePort";

/** The row of a port, as it is appended to a column's OID; undefined when the device has no such port. */
export function rowOf(index: RowIndex, numbering: PortNumbering, port: number): string | undefined {
  if (index === "pethPsePort") return `${numbering.poeGroup}.${port}`;
  const ifIndex =
    numbering.ifIndexByPort === undefined
      ? port + numbering.ifIndexOffset
      : numbering.ifIndexByPort.get(port);
  return ifIndex === undefined ? undefined : `${ifIndex}`;
}

/** The port behind a row. */
export function portOf(index: RowIndex, numbering: PortNumbering, row: string): number | undefined {
  const [first, second, ...rest] = row.split(".").map(Number);
  if (first === undefined || rest.length > 0) return undefined;
  if (index === "pethPsePort") return first === numbering.poeGroup ? second : undefined;
  return second === undefined ? portOfIfIndex(numbering, first) : undefined;
}

export function portOfIfIndex(numbering: PortNumbering, ifIndex: number): number | undefined {
  if (numbering.ifIndexByPort === undefined) return ifIndex - numbering.ifIndexOffset;
  for (const [port, each] of numbering.ifIndexByPort) if (each === ifIndex) return port;
  return undefined;
}

export function hasPort(numbering: PortNumbering, port: number): boolean {
  return numbering.ports === undefined || numbering.ports.includes(port);
}

/** What {@link discoverPorts} needs to see. */
export const DISCOVERY_COLUMNS: readonly string[] = [IF_MIB.ifType, IF_MIB.ifName, IF_MIB.ifConnectorPresent];

/** ifType ethernetCsmacd(6), fastEther(62), gigabitEthernet(117) of the IANAifType-MIB. */
const ETHERNET: ReadonlySet<unknown> = new Set([6, 62, 117]);
/** TruthValue. */
const NO_CONNECTOR = 2;

/**
 * The Ethernet ports that one can plug a cable into, and their ifIndex. They are numbered as on the front panel where
 * their names (`GigabitEthernet1/0/24`) end in different numbers, and by ifIndex otherwise, as in a stack.
 */
export function discoverPorts(varbinds: readonly Varbind[]): ReadonlyMap<number, number> {
  const connectors = rowsOf(varbinds, IF_MIB.ifConnectorPresent);
  const names = rowsOf(varbinds, IF_MIB.ifName);
  const found = [...rowsOf(varbinds, IF_MIB.ifType)]
    .filter(([row, { value }]) => ETHERNET.has(value) && connectors.get(row)?.value !== NO_CONNECTOR)
    .map(([row]) => ({ ifIndex: Number(row), panel: panelNumber(names.get(row)) }));
  const distinct = new Set(found.map(({ panel }) => panel));
  const numbered = distinct.size === found.length && !distinct.has(0);
  return new Map(found.map(({ ifIndex, panel }) => [numbered ? panel : ifIndex, ifIndex]));
}

/** The number at the end of a port's name; 0 when there is none. */
function panelNumber(name: Varbind | undefined): number {
  if (name === undefined) return 0;
  try {
    return Number(/[0-9]{1,4}$/.exec(String(displayString.decode(name)))?.[0] ?? 0);
  } catch (error) {
    if (!(error instanceof UnexpectedVarbindError)) throw error;
    return 0;
  }
}
