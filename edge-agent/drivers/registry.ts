/** Which driver speaks which protocol. Each is loaded when a device first needs it: a box pays for what it uses. */
import type { Profile } from "@campus-ops/device-profiles/profiles";
import type { DeviceSession, DeviceTarget, DriverEnvironment } from "./driver.ts";

type Protocol = Profile["protocol"];

/** The URL schemes under which a protocol's devices are addressed. */
export const URL_SCHEMES: Readonly<Record<Protocol, readonly string[]>> = {
  modbus: ["modbus:"],
  onvif: ["http:", "https:"],
  pjlink: ["pjlink:"],
  snmp: ["snmp:"],
};

export async function openSession(
  target: DeviceTarget,
  profile: Profile,
  environment: DriverEnvironment,
  signal: AbortSignal,
): Promise<DeviceSession> {
  switch (profile.protocol) {
    case "modbus":
      return await (await import("./modbus.ts")).modbusDriver.open(target, profile, environment, signal);
    case "onvif":
      return await (await import("./onvif.ts")).onvifDriver.open(target, profile, environment, signal);
    case "pjlink":
      return await (await import("./pjlink.ts")).pjlinkDriver.open(target, profile, environment, signal);
    case "snmp":
      return await (await import("./snmp.ts")).snmpDriver.open(target, profile, environment, signal);
  }
}
