/**
 * Looks for devices in ranges that a person names, no faster than asked, and nowhere else: only addresses of the ranges
 * are sent anything; multicast and broadcast go out only on an interface that was named, and only answers from the ranges
 * count.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import {
  ALL_SERVICES,
  MDNS_GROUP,
  parseServiceRecords,
  serviceQuery,
} from "@campus-ops/device-profiles/codecs/dns-sd";
import {
  parseProbeMatches,
  probeMessage,
  WS_DISCOVERY_GROUP,
} from "@campus-ops/device-profiles/codecs/ws-discovery";
import { type DatagramAnswer, Questioner } from "./datagrams.ts";
import { type DiscoveryProtocol, type Finding, type Probe, USUAL_PORTS } from "./finding.ts";
import { modbusProbe } from "./modbus-probe.ts";
import { pjlinkProbe } from "./pjlink-probe.ts";
import { searchProjectors } from "./pjlink-search.ts";
import { snmpProbe } from "./snmp-probe.ts";

export const RATE_PER_S_MAX = 200;
export const IN_FLIGHT_MAX = 64;

export interface DiscoveryOptions {
  /** The only addresses that are touched. */
  readonly addresses: readonly string[];
  readonly protocols: readonly DiscoveryProtocol[];
  /** Addresses asked per second, over all protocols. */
  readonly rate_per_s: number;
  /** How long one exchange may take. */
  readonly timeout_ms: number;
  /** Local IPv4 address whose network is asked by multicast and broadcast; absent: neither. */
  readonly interface?: string;
  /** SNMP communities to try, in order. */
  readonly communities: readonly string[];
  /** Modbus unit identifiers to ask at each address. */
  readonly units: readonly number[];
  readonly ports?: Partial<Readonly<Record<DiscoveryProtocol, number>>>;
  readonly onFinding: (finding: Finding) => void;
  readonly onProgress: (done: number, all: number) => void;
}

/** Resolves when everybody was asked and had time to answer; ends early, without an error, when `signal` aborts. */
export async function discover(options: DiscoveryOptions, signal: AbortSignal): Promise<void> {
  const { addresses, communities, onFinding, onProgress, protocols, timeout_ms, units } = options;
  const ports = { ...USUAL_PORTS, ...options.ports };
  const allowed = new Set(addresses);
  const told = new Set<string>();
  const tell = (finding: Finding): void => {
    const key = `${finding.protocol} ${finding.url}`;
    if (!allowed.has(finding.address) || told.has(key)) return;
    told.add(key);
    onFinding(finding);
  };
  const all = protocols.length * addresses.length;
  let done = 0;
  const asked = (): void => {
    done += 1;
    onProgress(done, all);
  };
  const pace = new Pace(Math.min(options.rate_per_s, RATE_PER_S_MAX));
  const projectors = new Map<string, string>();
  const probes: Partial<Record<DiscoveryProtocol, Probe>> = {
    modbus: modbusProbe(units),
    pjlink: pjlinkProbe(projectors),
    snmp: snmpProbe(communities, timeout_ms),
  };

  for (const protocol of protocols) {
    if (signal.aborted) return;
    if (protocol === "pjlink") {
      const search = { ...options, port: ports.pjlink, pace: (ending: AbortSignal) => pace.next(ending) };
      for (const [address, mac] of await searchProjectors(search, signal)) projectors.set(address, mac);
    }
    const probe = probes[protocol];
    if (probe === undefined) {
      await askByDatagram(protocol, ports[protocol], options, pace, tell, asked, signal);
    } else {
      await askEach(probe, ports[protocol], addresses, timeout_ms, pace, tell, asked, signal);
    }
  }
}

async function askEach(
  probe: Probe,
  port: number,
  addresses: readonly string[],
  timeout_ms: number,
  pace: Pace,
  tell: (finding: Finding) => void,
  asked: () => void,
  signal: AbortSignal,
): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  for (const address of addresses) {
    await pace.next(signal);
    if (signal.aborted) break;
    const deadline = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]);
    const work = probe(address, port, deadline)
      .then((findings) => findings.forEach(tell))
      .finally(() => {
        inFlight.delete(work);
        asked();
      });
    inFlight.add(work);
    if (inFlight.size >= IN_FLIGHT_MAX) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
}

async function askByDatagram(
  protocol: DiscoveryProtocol,
  port: number,
  { addresses, interface: from, timeout_ms }: DiscoveryOptions,
  pace: Pace,
  tell: (finding: Finding) => void,
  asked: () => void,
  signal: AbortSignal,
): Promise<void> {
  const read = protocol === "onvif" ? onvifFindings : serviceFindings;
  const question =
    protocol === "onvif"
      ? new TextEncoder().encode(probeMessage(randomUUID()))
      : serviceQuery([ALL_SERVICES]);
  const questioner = await Questioner.open(from, (answer) => read(answer).forEach(tell));
  try {
    if (from !== undefined) {
      await questioner.ask(question, port, protocol === "onvif" ? WS_DISCOVERY_GROUP : MDNS_GROUP);
    }
    for (const address of addresses) {
      await pace.next(signal);
      if (signal.aborted) return;
      await questioner.ask(question, port, address);
      asked();
    }
    await pause(timeout_ms, undefined, { signal }).catch(() => undefined);
  } finally {
    await questioner.close();
  }
}

/** A camera tells one address a network interface: the one it answered from is the one that can be reached. */
function onvifFindings({ address, bytes }: DatagramAnswer): readonly Finding[] {
  return parseProbeMatches(new TextDecoder().decode(bytes)).flatMap(({ addresses, scopes, types }) => {
    const url = addresses.find((each) => URL.canParse(each) && new URL(each).hostname === address);
    if (url === undefined) return [];
    const { hardware, name } = scopes;
    const facts = {
      ...(name === undefined ? {} : { name }),
      ...(hardware === undefined ? {} : { model: hardware }),
      description: types.join(" "),
    };
    return [{ protocol: "onvif", address, url, facts }];
  });
}

/** What a device says that it serves, for a person to read: no profile follows from it. */
function serviceFindings({ address, bytes }: DatagramAnswer): readonly Finding[] {
  const services = parseServiceRecords(bytes).flatMap((record) =>
    record.type === "PTR" && record.name === ALL_SERVICES ? [record.target.replace(/\.local$/, "")] : [],
  );
  if (services.length === 0) return [];
  return [
    { protocol: "mdns", address, url: `mdns://${address}`, facts: { description: services.join(" ") } },
  ];
}

/** Milliseconds until the next may go; what was missed is not caught up on. */
export function waitBefore_ms(last_ms: number, now_ms: number, rate_per_s: number): number {
  return Math.max(0, last_ms + 1_000 / rate_per_s - now_ms);
}

class Pace {
  readonly #rate_per_s: number;
  #last_ms = Number.NEGATIVE_INFINITY;

  constructor(rate_per_s: number) {
    this.#rate_per_s = rate_per_s;
  }

  async next(signal: AbortSignal): Promise<void> {
    const wait_ms = waitBefore_ms(this.#last_ms, performance.now(), this.#rate_per_s);
    if (wait_ms > 0) await pause(wait_ms, undefined, { signal }).catch(() => undefined);
    this.#last_ms = performance.now();
  }
}
