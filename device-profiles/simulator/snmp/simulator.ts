/** A simulated SNMP agent: `net-snmp`'s own agent, with a switch behind it that lives. */
import snmp from "net-snmp";
import { UnexpectedVarbindError, type VarbindValue } from "../../codecs/snmp.ts";
import { objectAt, objectOf, type SnmpObject, type SnmpProfile } from "../../profiles/snmp-profile.ts";
import { LINE_FAULTS, type SimulatedDevice, type SimulatorOptions } from "../simulated-device.ts";
import { AgentSocket } from "./agent-socket.ts";
import { type PortTraffic, SwitchWorld } from "./switch-world.ts";

export interface SnmpSimulatedDevice extends SimulatedDevice {
  /** How fast the octet counters of a port grow while its link is up. */
  setTraffic(port: number, traffic: PortTraffic): void;
}

/**
 * Starts an agent on loopback that answers v2c requests of the community in `options.secret` (`public` without one).
 * It has the ports that the profile names.
 */
export async function startSnmpSimulator(
  profile: SnmpProfile,
  options: SimulatorOptions = {},
): Promise<SnmpSimulatedDevice> {
  const world = new SwitchWorld(profile, options.now ?? Date.now);
  const socket = new AgentSocket(options.port ?? 0);
  await socket.open();

  const agent: Agent = snmp.createAgent(
    { port: socket.port, disableAuthorization: false, dgramModule: socket.asDatagramModule() },
    // Requests of another community, and bytes that are no SNMP, are dropped as a real agent drops them.
    () => undefined,
  );
  agent.getAuthorizer().addCommunity(options.secret ?? "public");
  const handler = (request: MibRequest): void => answer(request, profile, world);
  for (const object of objectsOf(profile, world)) addObject(agent.getMib(), object, handler);

  return {
    url: `snmp://127.0.0.1:${socket.port}`,
    set: (metric, value) => world.set(metric, value),
    get: (metric) => world.get(metric),
    raise: (event) => {
      throw new RangeError(`the simulated ${profile.id} has no event ${event}`);
    },
    setTraffic: (port, traffic) => world.setTraffic(port, traffic),
    faults: LINE_FAULTS,
    fault: (fault) => socket.fault(fault),
    close: () => socket.close(),
  };
}

/** The parts of `net-snmp`'s agent that are used here; its published types have none. */
interface Agent {
  getAuthorizer(): { addCommunity(community: string): void };
  getMib(): Mib;
}

interface Mib {
  registerProvider(provider: object): void;
  getProvider(name: string): object | undefined;
  addProviderToNode(provider: object): void;
  addNodesForAddress(address: readonly number[]): void;
  lookup(oid: string): InstanceNode;
}

interface InstanceNode {
  value: unknown;
  valueType: number;
}

interface MibRequest {
  readonly oid: string;
  /** Present when the request is a Set: it is tested first, then committed. */
  readonly setValue?: VarbindValue;
  readonly commitSet?: boolean;
  readonly instanceNode: InstanceNode;
  done(error?: { errorStatus: number; type: number; value: null }): void;
}

function objectsOf(profile: SnmpProfile, world: SwitchWorld): SnmpObject[] {
  const metrics = [
    ...[...profile.attributes, ...profile.scalars].map(({ metric }) => metric),
    ...profile.columns.flatMap(({ capability, metric }) =>
      world.ports.map((port) => `${capability}/${port}/${metric}`),
    ),
  ];
  return metrics
    .filter((metric) => world.has(metric))
    .flatMap((metric) => objectOf(profile, profile.numbering, metric) ?? []);
}

/**
 * Puts one object into the agent's tree, below a provider at its object type which all instances share. To the
 * library every object is a scalar: its tables need an index column in the table itself, which ifXTable has not.
 */
function addObject(
  mib: Mib,
  { oid, codec, writable }: SnmpObject,
  handler: (request: MibRequest) => void,
): void {
  const objectType = oid.slice(0, oid.lastIndexOf("."));
  if (mib.getProvider(objectType) === undefined) {
    const provider = {
      name: objectType,
      type: snmp.MibProviderType.Scalar,
      oid: objectType,
      scalarType: codec.type,
      maxAccess: snmp.MaxAccess[writable ? "read-write" : "read-only"],
      handler,
    };
    mib.registerProvider(provider);
    mib.addProviderToNode(provider);
  }
  mib.addNodesForAddress(oid.split(".").map(Number));
  const node = mib.lookup(oid);
  node.valueType = codec.type;
  // Any value will do: it is asked of the world when somebody reads it.
  node.value = 0;
}

function answer(request: MibRequest, profile: SnmpProfile, world: SwitchWorld): void {
  const object = objectAt(profile, profile.numbering, request.oid);
  if (object === undefined) {
    request.done({ errorStatus: snmp.ErrorStatus.GeneralError, type: snmp.ObjectType.Null, value: null });
    return;
  }
  const { metric, codec, oid } = object;
  if (request.setValue === undefined) {
    const value = codec.encode(world.get(metric));
    request.instanceNode.value = value instanceof Uint8Array ? Buffer.from(value) : value;
    request.done();
    return;
  }
  try {
    const value = codec.decode({ oid, type: codec.type, value: request.setValue });
    if (request.commitSet === true) world.set(metric, value);
    request.done();
  } catch (error) {
    if (!(error instanceof UnexpectedVarbindError)) throw error;
    request.done({ errorStatus: snmp.ErrorStatus.WrongValue, type: snmp.ObjectType.Null, value: null });
  }
}
