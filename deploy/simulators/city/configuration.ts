/** From the plan of a city to the configurations that a hub, its edge agents and the simulators run with. Pure. */
import { SCHOOL_DAY_CALENDAR, SCHOOL_DAY_PARAMETERS } from "../scenario/school-day.ts";
import { type CityPlan, campusesOf, devicesOf, type PlacedDevice } from "./plan.ts";

export type Protocol =
  | "modbus"
  | "snmp"
  | "onvif"
  | "pjlink"
  | "isapi"
  | "serial-control"
  | "dlt645"
  | "cjt188"
  | "zigbee2mqtt"
  | "webhook"
  | "gbt26875"
  | "jt808";

/** Where a device answers, and with which secret. */
export interface Wiring {
  readonly protocol: Protocol;
  readonly port: number;
}

/** What the simulators' process is told. */
export interface SimulatorsFile {
  /** When a school day began, milliseconds since the epoch: the same moment as the rules' calendar has. */
  readonly anchor: number;
  readonly devices: readonly SimulatedDeviceEntry[];
}

/** One simulated device, as the simulators' process is told. Files are relative to the demonstration's folder. */
export interface SimulatedDeviceEntry {
  readonly key: string;
  readonly profile: string;
  readonly port: number;
  /** The address its edge agent has. */
  readonly url: string;
  readonly username?: string;
  readonly secretFile?: string;
  readonly dependsOn?: string;
}

const CAMERA_USER = "campus-ops";
const GATEWAY_USER = "campus-ops";

/** How an edge agent finds the device, and what it says to be let in, where the protocol asks for that. */
const ACCESS: Readonly<
  Record<Protocol, { url(port: number): string; readonly username?: string; readonly secretFile?: string }>
> = {
  modbus: { url: (port) => `modbus://127.0.0.1:${port}?unit=1` },
  snmp: { url: (port) => `snmp://127.0.0.1:${port}`, secretFile: "secrets/snmp-community" },
  onvif: {
    url: (port) => `http://127.0.0.1:${port}/onvif/device_service`,
    username: CAMERA_USER,
    secretFile: "secrets/camera-password",
  },
  pjlink: { url: (port) => `pjlink://127.0.0.1:${port}`, secretFile: "secrets/projector-password" },
  isapi: {
    url: (port) => `http://127.0.0.1:${port}/`,
    username: CAMERA_USER,
    secretFile: "secrets/camera-password",
  },
  "serial-control": { url: (port) => `serial-control://127.0.0.1:${port}?gap=0` },
  // The addresses on the plates of the simulators' meters, behind a serial server.
  dlt645: { url: (port) => `dlt645://127.0.0.1:${port}?address=202600000001` },
  cjt188: { url: (port) => `cjt188://127.0.0.1:${port}?address=78332026000001` },
  // A gateway with an MQTT server of its own.
  zigbee2mqtt: {
    url: (port) => `mqtt://127.0.0.1:${port}/zigbee2mqtt/0x00158d0001a2b3c4`,
    username: GATEWAY_USER,
    secretFile: "secrets/gateway-password",
  },
  // These call the edge box, each under the number or name that its simulator goes by.
  webhook: {
    url: (port) => `webhook://127.0.0.1:${port}/hooks/simulated`,
    secretFile: "secrets/visitor-token",
  },
  gbt26875: { url: (port) => `gbt26875://0000000000a1@127.0.0.1:${port}` },
  jt808: { url: (port) => `jt808://13800138000@127.0.0.1:${port}` },
};

/** Whether the demonstration knows how its devices of this protocol are reached. */
export function isWired(protocol: string): protocol is Protocol {
  return Object.hasOwn(ACCESS, protocol);
}

/** The rules' own, which run where a configuration names none. */
const BUILT_IN_PACKS = ["safe-campus", "device-health", "classroom"];

const INGEST_USER = "ingest";

export const nodeName = (campus: string, node: string): string => `${campus}-${node}`;
const brokerSecret = (user: string): string => `secrets/broker-${user}`;

/** Every secret the configurations refer to. */
export function secretFiles(city: CityPlan): readonly string[] {
  const users = [INGEST_USER, ...campusesOf(city).map(({ id, node }) => nodeName(id, node.id))];
  const devices = Object.values(ACCESS).flatMap(({ secretFile }) =>
    secretFile === undefined ? [] : [secretFile],
  );
  return [...users.map(brokerSecret), ...devices];
}

/** `hub.yaml`, as an object. */
export function hubConfiguration(city: CityPlan, anchor: number, packs: readonly string[] = []): object {
  const campuses = campusesOf(city);
  return {
    site: {
      city: { code: city.code, title: city.title },
      counties: city.counties.map((county) => ({
        code: county.code,
        title: county.title,
        campuses: county.campuses.map(({ id, title, places }) => ({ id, title, places })),
      })),
    },
    broker: {
      users: [
        { name: INGEST_USER, passwordFile: brokerSecret(INGEST_USER), role: "host" },
        ...campuses.map(({ id, node }) => {
          const name = nodeName(id, node.id);
          return { name, passwordFile: brokerSecret(name), role: "edge", campus: id, node: node.id };
        }),
      ],
    },
    ingest: { broker: { username: INGEST_USER, passwordFile: brokerSecret(INGEST_USER) }, hostId: "hub" },
    rules: {
      ...(packs.length === 0 ? {} : { packs: [...BUILT_IN_PACKS, ...packs] }),
      calendar: { cycle: { ...SCHOOL_DAY_CALENDAR, anchor: new Date(anchor).toISOString() } },
      parameters: SCHOOL_DAY_PARAMETERS,
    },
    notify: dutyDesks(city),
    use: {
      // Of a lesson that is two minutes long.
      closesAfter: "10s",
      classes: Object.fromEntries(campuses.map(({ id }) => [id, 1])),
      rooms: usedRooms(city),
    },
    dashboards: { demonstration: true },
    edges: campuses.map(({ id, node }) => `edges/${nodeName(id, node.id)}.yaml`),
  };
}

/** A gatehouse at each school, and the city's duty room, which is told when a gatehouse does not answer in time. */
function dutyDesks(city: CityPlan): object {
  const gatehouse = (id: string): string => `${id}-gatehouse`;
  const gatehouses = city.counties.flatMap((county) =>
    county.campuses.map(({ id, title }) => ({
      id: gatehouse(id),
      title: { zh: `${title.zh}门卫室`, en: `${title.en}, gatehouse` },
      scope: [`${city.code}/${county.code}/${id}`],
      channels: [],
    })),
  );
  const dutyRoom = {
    id: "duty-room",
    title: { zh: `${city.title.zh}值班室`, en: `${city.title.en}, duty room` },
    channels: [],
  };
  const first = { desks: gatehouses.map(({ id }) => id) };
  return {
    desks: Object.fromEntries([...gatehouses, dutyRoom].map(({ id, ...desk }) => [id, desk])),
    escalation: {
      1: [first, { after: "2m", desks: [dutyRoom.id] }],
      2: [first, { after: "10m", desks: [dutyRoom.id] }],
      3: [first],
    },
  };
}

/** Where a projector hangs, use can be told: as lecture-capture rooms, and as e-reading rooms for all the others. */
function usedRooms(city: CityPlan): object {
  const places = devicesOf(city)
    .filter(({ profile }) => profile.startsWith("projector/"))
    .map(({ campus, at }) => `${campus}/${at}`);
  const isStudio = (place: string): boolean => place.endsWith("/studio");
  return {
    recording: {
      title: { zh: "录播教室", en: "Lecture-capture rooms" },
      threshold: 0.2,
      places: places.filter(isStudio),
    },
    reading: {
      title: { zh: "电子阅览室", en: "E-reading rooms" },
      threshold: 0.3,
      places: places.filter((place) => !isStudio(place)),
    },
  };
}

/** The edge agents' configurations, by name. */
export function edgeConfigurations(
  city: CityPlan,
  wiring: ReadonlyMap<string, Wiring>,
  mqttPort: number,
): ReadonlyMap<string, object> {
  const devices = devicesOf(city);
  return new Map(
    city.counties.flatMap((county) =>
      county.campuses.map(({ id, node }) => {
        const name = nodeName(id, node.id);
        const configuration = {
          campus: { id, path: `${city.code}/${county.code}/${id}` },
          node,
          broker: {
            url: `mqtt://127.0.0.1:${mqttPort}`,
            username: name,
            passwordFile: `../${brokerSecret(name)}`,
          },
          primaryHost: "hub",
          handoff: "acknowledged",
          ...discoveryOf(
            devices.find(({ campus, isNew }) => campus === id && isNew === true),
            wiring,
          ),
          devices: devices
            .filter(({ campus, isNew }) => campus === id && isNew !== true)
            .map((device) => edgeDevice(device, wiring)),
        };
        return [name, configuration] as const;
      }),
    ),
  );
}

/** A campus with a new device lets its box search where that device is, and nowhere else. */
function discoveryOf(device: PlacedDevice | undefined, wiring: ReadonlyMap<string, Wiring>): object {
  if (device === undefined) return {};
  const { port, protocol } = accessOf(device, wiring);
  return { discovery: { ranges: "127.0.0.1", protocols: [protocol], ports: { [protocol]: port } } };
}

function edgeDevice(device: PlacedDevice, wiring: ReadonlyMap<string, Wiring>): object {
  const { id, profile, title, at, dependsOn, pollInterval_ms, recordedBy } = device;
  const { url, username, secretFile } = accessOf(device, wiring);
  return {
    id,
    profile,
    title,
    at,
    url,
    ...(username === undefined ? {} : { username }),
    ...(secretFile === undefined ? {} : { secretFile: `../${secretFile}` }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(recordedBy === undefined ? {} : { recordedBy }),
    ...(pollInterval_ms === undefined ? {} : { poll: `${pollInterval_ms}ms` }),
  };
}

/** What the simulators' process starts. */
export function simulatedDevices(
  city: CityPlan,
  wiring: ReadonlyMap<string, Wiring>,
): readonly SimulatedDeviceEntry[] {
  return devicesOf(city).map((device) => {
    const { key, profile, campus, node, dependsOn } = device;
    const { protocol: _, ...access } = accessOf(device, wiring);
    return {
      key,
      profile,
      ...access,
      ...(dependsOn === undefined ? {} : { dependsOn: `${campus}/${node}/${dependsOn}` }),
    };
  });
}

function accessOf({ key }: PlacedDevice, wiring: ReadonlyMap<string, Wiring>) {
  const wire = wiring.get(key);
  if (wire === undefined) throw new Error(`the plan wires no port to ${key}`);
  const { url, ...credentials } = ACCESS[wire.protocol];
  return { protocol: wire.protocol, port: wire.port, url: url(wire.port), ...credentials };
}
