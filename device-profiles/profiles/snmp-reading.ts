/** What an SNMP device's answers mean in the platform's vocabulary. */
import { neighboursOf, stationsOf } from "../codecs/mib-topology.ts";
import {
  isBelow,
  NoReadingError,
  UnexpectedVarbindError,
  UnreadableTextError,
  type Varbind,
} from "../codecs/snmp.ts";
import {
  GOOD,
  type MetricName,
  type Quality,
  type Sample,
  type SampleValue,
  type Timestamp,
} from "../vocabulary/index.ts";
import { hasPort, type PortNumbering, portOfIfIndex } from "./snmp-numbering.ts";
import { objectsIn, type SnmpProfile } from "./snmp-profile.ts";

/**
 * What a device's answer says. Rows of other ports, other groups and objects that do not exist are left out; a value
 * that the MIB does not allow becomes null with bad quality.
 */
export function samplesFromVarbinds(
  profile: SnmpProfile,
  numbering: PortNumbering,
  varbinds: readonly Varbind[],
  eventTime: Timestamp,
): Sample[] {
  const objects = objectsIn(profile, numbering, varbinds).flatMap(([{ metric, codec }, varbind]) =>
    sampleOf(metric, eventTime, () => codec.decode(varbind)),
  );
  const figures = (profile.figures ?? []).flatMap(({ metric, table }) => {
    const rows = varbinds.filter(({ oid }) => table.columns.some((column) => isBelow(oid, column)));
    return sampleOf(metric, eventTime, () => table.decode(rows));
  });
  return [...objects, ...figures];
}

/** How a port looks from outside, as far as the topology tables were read. */
export interface Topology {
  readonly samples: readonly Sample[];
  /** Ports whose neighbour forwards for others. */
  readonly uplinks: readonly number[];
}

/**
 * The neighbour and the stations of each of `ports`, front-panel numbers; empty where there is none. A port with a
 * neighbour that forwards for others tells no stations: they hang from that neighbour.
 */
export function readTopology(
  numbering: PortNumbering,
  ports: readonly number[],
  varbinds: readonly Varbind[],
  eventTime: Timestamp,
): Topology {
  const byPort = <T>(found: ReadonlyMap<number, T>): ReadonlyMap<number, T> =>
    new Map(
      [...found].flatMap(([ifIndex, value]) => {
        const port = portOfIfIndex(numbering, ifIndex);
        return port === undefined || !hasPort(numbering, port) ? [] : [[port, value] as const];
      }),
    );
  const neighbours = byPort(neighboursOf(varbinds));
  const stations = byPort(stationsOf(varbinds));
  const uplinks = [...neighbours].flatMap(([port, { forwards }]) => (forwards ? [port] : []));
  const carriesOthers = new Set([...uplinks, ...numbering.uplinks]);
  const samples = ports.flatMap((port): Sample[] => [
    {
      metric: `Port/${port}/Neighbour`,
      value: neighbours.get(port)?.name ?? "",
      quality: GOOD,
      eventTime,
    },
    {
      metric: `Port/${port}/Stations`,
      value: carriesOthers.has(port) ? "" : (stations.get(port) ?? []).join(" "),
      quality: GOOD,
      eventTime,
    },
  ]);
  return { samples, uplinks };
}

const OUT_OF_RANGE: Quality = { status: "bad", reason: "out-of-range" };
const SENTINEL: Quality = { status: "bad", reason: "sentinel" };
const ENCODING: Quality = { status: "bad", reason: "encoding" };

/** Nothing where the device has nothing; text that cannot be read stands as its bytes in hex. */
function sampleOf(metric: MetricName, eventTime: Timestamp, decode: () => SampleValue | undefined): Sample[] {
  try {
    const value = decode();
    return value === undefined ? [] : [{ metric, value, quality: GOOD, eventTime }];
  } catch (error) {
    if (error instanceof UnreadableTextError) {
      return [{ metric, value: error.hex, quality: ENCODING, eventTime }];
    }
    if (!(error instanceof UnexpectedVarbindError)) throw error;
    const quality = error instanceof NoReadingError ? SENTINEL : OUT_OF_RANGE;
    return [{ metric, value: null, quality, eventTime }];
  }
}
