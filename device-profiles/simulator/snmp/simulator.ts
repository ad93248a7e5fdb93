/** A simulated SNMP agent: `net-snmp`'s own agent, with a device behind it that lives. */
import snmp from "net-snmp";
import { IF_MIB } from "../../codecs/mib-objects.ts";
import {
  encodeNeighbours,
  encodeStations,
  NEIGHBOUR_COLUMNS,
  type Neighbour,
  STATION_COLUMNS,
} from "../../codecs/mib-topology.ts";
import { SnmpType, UnexpectedVarbindError, type Varbind, type VarbindValue } from "../../codecs/snmp.ts";
import { rowOf } from "../../profiles/snmp-numbering.ts";
import { objectAt, objectOf, type SnmpObject, type SnmpProfile } from "../../profiles/snmp-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { AgentSocket, SOCKET_FAULTS } from "./agent-socket.ts";
import { DeviceWorld, type PortTraffic } from "./device-world.ts";
import { type Agent, type MibRequest, MibTree } from "./mib-tree.ts";
import { type Notification, sendNotification } from "./notification.ts";

export interface SnmpSimulatedDevice extends SimulatedDevice {
  /** How fast the octet counters of a port grow while its link is up. */
  setTraffic(port: number, traffic: PortTraffic): void;
  /** Plugs another device into a port; one that forwards for others makes the port an uplink. */
  setNeighbour(port: number, neighbour: Neighbour): void;
  /** Sends a notification to a port of this machine; `copies` of it in a storm. */
  notify(to: number, notification: Notification): Promise<void>;
}

const FAULTS = [
  ...SOCKET_FAULTS,
  "counter-reset",
  "stuck",
  "not-done",
  "mislabelled-text",
] as const satisfies readonly SimulatedFault[];

/**
 * Starts an agent on loopback that answers requests of version 2c with the community in `options.secret` (`public`
 * without one), and of version 3 by the user `options.username`. It has the ports that the profile names.
 */
export async function startSnmpSimulator(
  profile: SnmpProfile,
  options: SimulatorOptions = {},
): Promise<SnmpSimulatedDevice> {
  const world = new DeviceWorld(profile, options.now ?? Date.now);
  const socket = new AgentSocket(options.port ?? 0, () => world.restart());
  await socket.open();
  const community = options.secret ?? "public";
  const agent: Agent = snmp.createAgent(
    { port: socket.port, disableAuthorization: false, dgramModule: socket.asDatagramModule() },
    // Requests of another community, and bytes that are no SNMP, are dropped as a real agent drops them.
    () => undefined,
  );
  agent.getAuthorizer().addCommunity(community);
  const user = userOf(options);
  if (user !== undefined) agent.getAuthorizer().addUser(user);
  const behind = new BehindTheAgent(profile, world, new MibTree(agent));

  return {
    url: `snmp://127.0.0.1:${socket.port}`,
    set: (metric, value) => behind.set(metric, value),
    get: (metric) => world.get(metric),
    raise: (event) => {
      throw new RangeError(`the simulated ${profile.id} has no event ${event}`);
    },
    setTraffic: (port, traffic) => world.setTraffic(port, traffic),
    setNeighbour: (port, neighbour) => {
      world.setNeighbour(port, neighbour);
      behind.showTopology();
    },
    notify: (to, notification) => sendNotification(to, { community, ...notification }),
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      behind.fault(fault);
      await socket.fault(fault);
    },
    close: () => socket.close(),
  };
}

/** RFC 3414, clause 11.2: shorter passphrases make no key. */
const PASSPHRASE_CHARACTERS_MIN = 8;

/** The version 3 user that a driver has by default: SHA-256 and AES with one passphrase. */
function userOf({ secret, username }: SimulatorOptions): snmp.User | undefined {
  if (username === undefined || secret === undefined || secret.length < PASSPHRASE_CHARACTERS_MIN)
    return undefined;
  return {
    name: username,
    level: snmp.SecurityLevel.authPriv,
    authProtocol: snmp.AuthProtocols.sha256,
    authKey: secret,
    privProtocol: snmp.PrivProtocols.aes,
    privKey: secret,
  };
}

/** Answers for the objects of a profile out of a world. */
class BehindTheAgent {
  readonly #profile: SnmpProfile;
  readonly #world: DeviceWorld;
  readonly #tree: MibTree;
  #fault: SimulatedFault | null = null;
  /** What a device that is stuck goes on showing. */
  readonly #shown = new Map<MetricName, SampleValue>();

  constructor(profile: SnmpProfile, world: DeviceWorld, tree: MibTree) {
    this.#profile = profile;
    this.#world = world;
    this.#tree = tree;
    for (const { oid, codec, writable } of this.#objects()) {
      tree.addObject({ oid, type: codec.type, writable }, (request) => this.#answer(request));
    }
    for (const { metric } of profile.figures ?? []) this.#showFigure(metric);
    if (profile.discoversPorts === true) this.#showInterfaces();
    this.showTopology();
  }

  set(metric: MetricName, value: SampleValue): void {
    this.#world.set(metric, value);
    this.#showFigure(metric);
    if (metric.endsWith("/Neighbour") || metric.endsWith("/Stations")) this.showTopology();
  }

  fault(fault: SimulatedFault | null): void {
    this.#fault = fault;
    this.#shown.clear();
    if (fault === "counter-reset") this.#world.restart();
    if (fault !== "stuck") return;
    for (const { metric } of this.#objects()) this.#shown.set(metric, this.#world.get(metric));
  }

  showTopology(): void {
    if (this.#profile.topology !== true) return;
    const by = <T>(of: (port: number) => T): Map<number, T> =>
      new Map(this.#world.ports.map((port) => [this.#ifIndex(port), of(port)]));
    const neighbours = [...by((port) => this.#world.neighbour(port))].flatMap(([ifIndex, neighbour]) =>
      neighbour === undefined ? [] : [[ifIndex, neighbour] as const],
    );
    const lldp = NEIGHBOUR_COLUMNS.filter((column) => column !== IF_MIB.ifName);
    this.#tree.setRows(lldp, encodeNeighbours(new Map(neighbours)));
    this.#tree.setRows(STATION_COLUMNS, encodeStations(by((port) => this.#world.stations(port))));
  }

  #showFigure(metric: MetricName): void {
    const figure = this.#profile.figures?.find((each) => each.metric === metric);
    if (figure === undefined || this.#fault === "stuck") return;
    const value = this.#world.get(metric);
    this.#tree.setRows(figure.table.columns, value === null ? [] : figure.table.encode(value));
  }

  /** Ethernet ports with a connector; their names are columns of the profile. */
  #showInterfaces(): void {
    const rows =
      (value: number) =>
      (oid: string): Varbind[] =>
        this.#world.ports.map((port) => ({
          oid: `${oid}.${this.#ifIndex(port)}`,
          type: SnmpType.Integer,
          value,
        }));
    this.#tree.setRows([IF_MIB.ifType], rows(6)(IF_MIB.ifType));
    this.#tree.setRows([IF_MIB.ifConnectorPresent], rows(1)(IF_MIB.ifConnectorPresent));
  }

  #ifIndex(port: number): number {
    return Number(rowOf("ifIndex", this.#profile.numbering, port));
  }

  #objects(): SnmpObject[] {
    const { attributes, columns, numbering, scalars } = this.#profile;
    const metrics = [
      ...[...attributes, ...scalars].map(({ metric }) => metric),
      ...columns.flatMap(({ capability, metric }) =>
        this.#world.ports.map((port) => `${capability}/${port}/${metric}`),
      ),
    ];
    return metrics
      .filter((metric) => this.#world.has(metric))
      .flatMap((metric) => objectOf(this.#profile, numbering, metric) ?? []);
  }

  #answer(request: MibRequest): void {
    const object = objectAt(this.#profile, this.#profile.numbering, request.oid);
    if (object === undefined) {
      request.done({ errorStatus: snmp.ErrorStatus.GeneralError, type: snmp.ObjectType.Null, value: null });
      return;
    }
    if (request.setValue === undefined) {
      const value = this.#wireValue(object);
      request.instanceNode.value = value instanceof Uint8Array ? Buffer.from(value) : value;
      request.done();
      return;
    }
    try {
      const value = object.codec.decode({
        oid: object.oid,
        type: object.codec.type,
        value: request.setValue,
      });
      if (request.commitSet === true && this.#fault !== "not-done") this.#world.set(object.metric, value);
      request.done();
    } catch (error) {
      if (!(error instanceof UnexpectedVarbindError)) throw error;
      request.done({ errorStatus: snmp.ErrorStatus.WrongValue, type: snmp.ObjectType.Null, value: null });
    }
  }

  #wireValue({ metric, codec }: SnmpObject): VarbindValue {
    const value = codec.encode(this.#shown.get(metric) ?? this.#world.get(metric));
    const cutsTexts = this.#fault === "mislabelled-text" && value instanceof Uint8Array;
    return cutsTexts && codec.type === SnmpType.OctetString ? CUT_GB18030 : value;
  }
}

/** 教学楼 in GB18030, cut inside the last character. */
const CUT_GB18030 = Uint8Array.of(0xbd, 0xcc, 0xd1, 0xa7, 0xc2);
