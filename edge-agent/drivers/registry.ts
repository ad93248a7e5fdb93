/** Which driver speaks which protocol. Each is loaded when a device first needs it: a box pays for what it uses. */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import type { DeviceSession, DeviceTarget, Driver, DriverEnvironment } from "./driver.ts";
import { type CallCounts, CallTally } from "./listener/call-tally.ts";

type Protocol = Profile["protocol"];

/** The URL schemes under which a protocol's devices are addressed. */
export const URL_SCHEMES: Readonly<Record<Protocol, readonly string[]>> = {
  "local-hub": ["local-hub:"],
  pull: ["http:", "https:"],
  webhook: ["webhook:"],
  chirpstack: ["mqtt:", "mqtts:"],
  zigbee2mqtt: ["mqtt:", "mqtts:"],
  cjt188: ["cjt188:"],
  dlt645: ["dlt645:"],
  gbt26875: ["gbt26875:"],
  jt808: ["jt808:"],
  dahua: ["http:", "https:"],
  rtsp: ["rtsp:", "rtsps:"],
  isapi: ["http:", "https:"],
  modbus: ["modbus:", "modbus+rtu:"],
  onvif: ["http:", "https:"],
  pjlink: ["pjlink:"],
  osdp: ["osdp:"],
  "serial-control": ["serial-control:"],
  snmp: ["snmp:"],
};

const DRIVERS = {
  "local-hub": async () => (await import("./local-hub.ts")).localHubDriver,
  pull: async () => (await import("./pull.ts")).pullDriver,
  webhook: async () => listening((await import("./webhook.ts")).webhookDriver),
  chirpstack: async () => (await import("./chirpstack.ts")).chirpstackDriver,
  zigbee2mqtt: async () => (await import("./zigbee2mqtt.ts")).zigbee2mqttDriver,
  cjt188: async () => (await import("./cjt188.ts")).cjt188Driver,
  dlt645: async () => (await import("./dlt645.ts")).dlt645Driver,
  dahua: async () => (await import("./dahua.ts")).dahuaDriver,
  gbt26875: async () => listening((await import("./gbt26875.ts")).gbt26875Driver),
  jt808: async () => listening((await import("./jt808.ts")).jt808Driver),
  rtsp: async () => (await import("./rtsp.ts")).rtspDriver,
  isapi: async () => (await import("./isapi.ts")).isapiDriver,
  modbus: async () => (await import("./modbus.ts")).modbusDriver,
  onvif: async () => (await import("./onvif.ts")).onvifDriver,
  pjlink: async () => (await import("./pjlink.ts")).pjlinkDriver,
  osdp: async () => (await import("./osdp.ts")).osdpDriver,
  "serial-control": async () => (await import("./serial-control.ts")).serialControlDriver,
  snmp: async () => (await import("./snmp.ts")).snmpDriver,
};

export async function openSession(
  target: DeviceTarget,
  profile: Profile,
  environment: DriverEnvironment,
  signal: AbortSignal,
): Promise<DeviceSession> {
  switch (profile.protocol) {
    case "local-hub":
      return await (await DRIVERS["local-hub"]()).open(target, profile, environment, signal);
    case "pull":
      return await (await DRIVERS.pull()).open(target, profile, environment, signal);
    case "webhook":
      return await (await DRIVERS.webhook()).open(target, profile, environment, signal);
    case "chirpstack":
      return await (await DRIVERS.chirpstack()).open(target, profile, environment, signal);
    case "zigbee2mqtt":
      return await (await DRIVERS.zigbee2mqtt()).open(target, profile, environment, signal);
    case "cjt188":
      return await (await DRIVERS.cjt188()).open(target, profile, environment, signal);
    case "dlt645":
      return await (await DRIVERS.dlt645()).open(target, profile, environment, signal);
    case "gbt26875":
      return await (await DRIVERS.gbt26875()).open(target, profile, environment, signal);
    case "jt808":
      return await (await DRIVERS.jt808()).open(target, profile, environment, signal);
    case "modbus":
      return await (await DRIVERS.modbus()).open(target, profile, environment, signal);
    case "dahua":
      return await (await DRIVERS.dahua()).open(target, profile, environment, signal);
    case "rtsp":
      return await (await DRIVERS.rtsp()).open(target, profile, environment, signal);
    case "isapi":
      return await (await DRIVERS.isapi()).open(target, profile, environment, signal);
    case "onvif":
      return await (await DRIVERS.onvif()).open(target, profile, environment, signal);
    case "pjlink":
      return await (await DRIVERS.pjlink()).open(target, profile, environment, signal);
    case "osdp":
      return await (await DRIVERS.osdp()).open(target, profile, environment, signal);
    case "serial-control":
      return await (await DRIVERS["serial-control"]()).open(target, profile, environment, signal);
    case "snmp":
      return await (await DRIVERS.snmp()).open(target, profile, environment, signal);
  }
}

/** Of the drivers that are called and have been needed so far. */
const tallies = new Set<CallCounts>();

function listening<Profile>(driver: Driver<Profile>): Driver<Profile> {
  if (driver.calls !== undefined) tallies.add(driver.calls);
  return driver;
}

/** Calls at any port of this process that came to nothing. */
export function callsTurnedAway(): CallCounts {
  const sum = new CallTally();
  for (const { refused, unknown } of tallies) {
    sum.refused += refused;
    sum.unknown += unknown;
  }
  return sum;
}

/** Loads every driver, whether a device needs it or not. */
export async function loadDrivers(): Promise<void> {
  await Promise.all(Object.values(DRIVERS).map((load) => load()));
}
