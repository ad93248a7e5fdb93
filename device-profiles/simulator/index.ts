/** Plays any profile of the catalogue over its real protocol, on a loopback port. */

import type { Profile } from "../profiles/catalogue.ts";
import { startChirpstackSimulator } from "./chirpstack/simulator.ts";
import { startCjt188Simulator } from "./cjt188/simulator.ts";
import { startDahuaSimulator } from "./dahua/simulator.ts";
import { startDlt645Simulator } from "./dlt645/simulator.ts";
import { startGbt26875Simulator } from "./gbt26875/simulator.ts";
import { startIsapiSimulator } from "./isapi/simulator.ts";
import { startJt808Simulator } from "./jt808/simulator.ts";
import { startModbusSimulator } from "./modbus/simulator.ts";
import { startOnvifSimulator } from "./onvif/simulator.ts";
import { startOsdpSimulator } from "./osdp/simulator.ts";
import { startPjlinkSimulator } from "./pjlink/simulator.ts";
import { startPullSimulator } from "./pull/simulator.ts";
import { startRtspSimulator } from "./rtsp/simulator.ts";
import { startSerialControlSimulator } from "./serial-control/simulator.ts";
import type { SimulatedDevice, SimulatorOptions } from "./simulated-device.ts";
import { startSnmpSimulator } from "./snmp/simulator.ts";
import { startWebhookSimulator } from "./webhook/simulator.ts";
import { startZigbee2mqttSimulator } from "./zigbee2mqtt/simulator.ts";

export type { SimulatedDevice, SimulatedFault, SimulatorOptions } from "./simulated-device.ts";
export { checkFault, LINE_FAULTS, SIMULATED_FAULTS, TCP_FAULTS } from "./simulated-device.ts";

/** Starts a device that behaves as `profile` says. Rejects when the port is taken. */
export function startSimulator(profile: Profile, options: SimulatorOptions = {}): Promise<SimulatedDevice> {
  switch (profile.protocol) {
    case "local-hub":
      return Promise.reject(new TypeError("a hub is not played: a real one is started"));
    case "pull":
      return startPullSimulator(profile, options);
    case "webhook":
      return startWebhookSimulator(profile, options);
    case "chirpstack":
      return startChirpstackSimulator(profile, options);
    case "zigbee2mqtt":
      return startZigbee2mqttSimulator(profile, options);
    case "cjt188":
      return startCjt188Simulator(profile, options);
    case "dlt645":
      return startDlt645Simulator(profile, options);
    case "gbt26875":
      return startGbt26875Simulator(profile, options);
    case "jt808":
      return startJt808Simulator(profile, options);
    case "modbus":
      return startModbusSimulator(profile, options);
    case "dahua":
      return startDahuaSimulator(profile, options);
    case "rtsp":
      return startRtspSimulator(profile, options);
    case "isapi":
      return startIsapiSimulator(profile, options);
    case "onvif":
      return startOnvifSimulator(profile, options);
    case "pjlink":
      return startPjlinkSimulator(profile, options);
    case "osdp":
      return startOsdpSimulator(profile, options);
    case "serial-control":
      return startSerialControlSimulator(profile, options);
    case "snmp":
      return startSnmpSimulator(profile, options);
  }
}
