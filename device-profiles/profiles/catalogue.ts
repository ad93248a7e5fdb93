/** Every profile the platform ships, and how to find one by the id a configuration names. */

import { dahuaAccessController } from "./access-gate/dahua.ts";
import { genericDormitoryWebhook } from "./access-gate/generic-dormitory-webhook.ts";
import { genericGateController } from "./access-gate/generic-modbus-controller.ts";
import { genericOnvifDoor } from "./access-gate/generic-onvif-door.ts";
import { hikvisionTerminal } from "./access-gate/hikvision-isapi-terminal.ts";
import { genericAccessPoint } from "./access-point/generic-snmp.ts";
import { ubiquitiUnifi } from "./access-point/ubiquiti-unifi.ts";
import { milesightWs52x } from "./actuator/milesight-ws52x.ts";
import { tuyaTs011fPlug } from "./actuator/tuya-ts011f-plug.ts";
import { waveshareModbusRtuRelay } from "./actuator/waveshare-modbus-rtu-relay.ts";
import { genericBroadcastStatus } from "./broadcast/generic-json-status.ts";
import { genericJt8082013 } from "./bus-terminal/generic-jt808-2013.ts";
import { genericJt8082019 } from "./bus-terminal/generic-jt808-2019.ts";
import { genericJt8082019Counting } from "./bus-terminal/generic-jt808-2019-counting.ts";
import { genericBusRollWebhook } from "./bus-terminal/generic-roll-webhook.ts";
import { dahuaCamera } from "./camera/dahua.ts";
import { genericOnvif } from "./camera/generic-onvif.ts";
import { genericOnvifPtz } from "./camera/generic-onvif-ptz.ts";
import { genericOnvifRecording } from "./camera/generic-onvif-recording.ts";
import { genericRtsp } from "./camera/generic-rtsp.ts";
import { hikvisionCamera } from "./camera/hikvision-isapi.ts";
import { genericAttendanceCsv } from "./card-reader/generic-attendance-csv.ts";
import { genericClassAttendanceCsv } from "./card-reader/generic-class-attendance-csv.ts";
import { genericClassAttendanceWebhook } from "./card-reader/generic-class-attendance-webhook.ts";
import { genericOsdp } from "./card-reader/generic-osdp.ts";
import { genericOsdpKeypad } from "./card-reader/generic-osdp-keypad.ts";
import type { ChirpstackProfile } from "./chirpstack-profile.ts";
import type { Cjt188Profile } from "./cjt188-profile.ts";
import { genericHexController } from "./classroom-controller/generic-hex.ts";
import type { DahuaProfile } from "./dahua-profile.ts";
import { lgCommercial } from "./display/lg-commercial.ts";
import { samsungMdc } from "./display/samsung-mdc.ts";
import type { Dlt645Profile } from "./dlt645-profile.ts";
import { genericNetSnmp } from "./edge-box/generic-net-snmp.ts";
import { aqaraMccgq11lm } from "./environment-sensor/aqara-mccgq11lm.ts";
import { aqaraRtcgq11lm } from "./environment-sensor/aqara-rtcgq11lm.ts";
import { aqaraSjcgq11lm } from "./environment-sensor/aqara-sjcgq11lm.ts";
import { aqaraWsdcgq11lm } from "./environment-sensor/aqara-wsdcgq11lm.ts";
import { aqaraWxkg11lm } from "./environment-sensor/aqara-wxkg11lm.ts";
import { draginoLht65 } from "./environment-sensor/dragino-lht65.ts";
import { genericRoomMonitor } from "./environment-sensor/generic-room-monitor.ts";
import { milesightAm107 } from "./environment-sensor/milesight-am107.ts";
import { milesightEm300Mcs } from "./environment-sensor/milesight-em300-mcs.ts";
import { milesightEm300Th } from "./environment-sensor/milesight-em300-th.ts";
import { milesightWs101 } from "./environment-sensor/milesight-ws101.ts";
import { milesightWs202 } from "./environment-sensor/milesight-ws202.ts";
import { aerasgardRftm } from "./environment-sensor/s-s-regeltechnik-aerasgard-rftm.ts";
import { senseairS8 } from "./environment-sensor/senseair-s8.ts";
import { sonoffSnzb03 } from "./environment-sensor/sonoff-snzb-03.ts";
import { sonoffSnzb04 } from "./environment-sensor/sonoff-snzb-04.ts";
import { xyMd02 } from "./environment-sensor/xy-md02.ts";
import { genericGbt26875 } from "./fire-host/generic-gbt26875.ts";
import type { Gbt26875Profile } from "./gbt26875-profile.ts";
import { campusOpsHub } from "./hub/campus-ops.ts";
import { genericIntrusionWebhook } from "./intrusion-host/generic-webhook.ts";
import type { IsapiProfile } from "./isapi-profile.ts";
import type { Jt808Profile } from "./jt808-profile.ts";
import type { LocalHubProfile } from "./local-hub-profile.ts";
import { carloGavazziEm24 } from "./meter/carlo-gavazzi-em24.ts";
import { chintDdsu666 } from "./meter/chint-ddsu666.ts";
import { eastronSdm120 } from "./meter/eastron-sdm120.ts";
import { eastronSdm630 } from "./meter/eastron-sdm630.ts";
import { genericCjt188Heat } from "./meter/generic-cjt188-heat.ts";
import { genericCjt188Water } from "./meter/generic-cjt188-water.ts";
import { genericDlt645SinglePhase } from "./meter/generic-dlt645-single-phase.ts";
import { genericDlt645ThreePhase } from "./meter/generic-dlt645-three-phase.ts";
import { genericModbusWater } from "./meter/generic-modbus-water.ts";
import { milesightEm300Di } from "./meter/milesight-em300-di.ts";
import { peacefairPzem004t } from "./meter/peacefair-pzem-004t.ts";
import { schneiderIem3155 } from "./meter/schneider-iem3155.ts";
import type { ModbusProfile } from "./modbus-profile.ts";
import type { OnvifProfile } from "./onvif-profile.ts";
import type { OsdpProfile } from "./osdp-profile.ts";
import { genericPanicButton } from "./panic-button/generic-supervised-input.ts";
import type { PjlinkProfile } from "./pjlink-profile.ts";
import { benqRs232 } from "./projector/benq-rs232.ts";
import { dellS518wl } from "./projector/dell-s518wl.ts";
import { epsonEscVp21 } from "./projector/epson-escvp21.ts";
import { genericPjlinkClass1 } from "./projector/generic-pjlink-class-1.ts";
import { genericPjlinkClass2 } from "./projector/generic-pjlink-class-2.ts";
import { genericPjlinkLaser } from "./projector/generic-pjlink-laser.ts";
import { hitachiRs232 } from "./projector/hitachi-rs232.ts";
import { necRs232 } from "./projector/nec-rs232.ts";
import { panasonicRs232 } from "./projector/panasonic-rs232.ts";
import { sonyRs232 } from "./projector/sony-rs232.ts";
import type { PullProfile } from "./pull-profile.ts";
import { dahuaRecorder } from "./recorder/dahua.ts";
import { genericOnvifRecorder } from "./recorder/generic-onvif.ts";
import { hikvisionRecorder } from "./recorder/hikvision-isapi.ts";
import type { RtspProfile } from "./rtsp-profile.ts";
import type { SerialControlProfile } from "./serial-control-profile.ts";
import type { SnmpProfile } from "./snmp-profile.ts";
import { ciscoIos } from "./switch/cisco-ios.ts";
import { genericIfMib } from "./switch/generic-if-mib.ts";
import { genericManaged } from "./switch/generic-managed.ts";
import { genericPoe } from "./switch/generic-poe.ts";
import { genericUplink } from "./switch/generic-uplink.ts";
import { h3cComware } from "./switch/h3c-comware.ts";
import { huaweiVrp } from "./switch/huawei-vrp.ts";
import { ruijieRgos } from "./switch/ruijie-rgos.ts";
import { genericTemperatureScanner } from "./temperature-scanner/generic-modbus-tcp.ts";
import { hikvisionThermalTerminal } from "./temperature-scanner/hikvision-isapi-thermal-terminal.ts";
import { apcPowernet } from "./ups/apc-powernet.ts";
import { apcSmartUpsModbus } from "./ups/apc-smart-ups-modbus.ts";
import { genericUpsMib } from "./ups/generic-ups-mib.ts";
import { genericVisitorWebhook } from "./visitor-terminal/generic-webhook.ts";
import type { WebhookProfile } from "./webhook-profile.ts";
import type { Zigbee2mqttProfile } from "./zigbee2mqtt-profile.ts";

/** Told apart by `protocol`. */
export type Profile =
  | RtspProfile
  | Dlt645Profile
  | Cjt188Profile
  | DahuaProfile
  | IsapiProfile
  | ModbusProfile
  | OnvifProfile
  | PjlinkProfile
  | OsdpProfile
  | SerialControlProfile
  | SnmpProfile
  | Jt808Profile
  | Gbt26875Profile
  | Zigbee2mqttProfile
  | ChirpstackProfile
  | WebhookProfile
  | PullProfile
  | LocalHubProfile;

export const PROFILES: readonly Profile[] = [
  genericOnvif,
  genericOnvifPtz,
  genericOnvifRecording,
  genericOnvifRecorder,
  genericOnvifDoor,
  genericRtsp,
  dahuaCamera,
  dahuaRecorder,
  dahuaAccessController,
  hikvisionCamera,
  hikvisionRecorder,
  hikvisionTerminal,
  hikvisionThermalTerminal,
  genericIfMib,
  genericUplink,
  genericPoe,
  genericManaged,
  h3cComware,
  huaweiVrp,
  ciscoIos,
  ruijieRgos,
  genericAccessPoint,
  ubiquitiUnifi,
  genericUpsMib,
  apcPowernet,
  genericNetSnmp,
  genericTemperatureScanner,
  genericGateController,
  genericPanicButton,
  genericRoomMonitor,
  aerasgardRftm,
  xyMd02,
  senseairS8,
  eastronSdm120,
  eastronSdm630,
  peacefairPzem004t,
  chintDdsu666,
  schneiderIem3155,
  carloGavazziEm24,
  genericDlt645SinglePhase,
  genericDlt645ThreePhase,
  genericCjt188Water,
  genericCjt188Heat,
  genericModbusWater,
  waveshareModbusRtuRelay,
  apcSmartUpsModbus,
  genericPjlinkClass1,
  genericPjlinkClass2,
  genericPjlinkLaser,
  hitachiRs232,
  dellS518wl,
  epsonEscVp21,
  benqRs232,
  panasonicRs232,
  necRs232,
  sonyRs232,
  samsungMdc,
  lgCommercial,
  genericHexController,
  genericOsdp,
  genericOsdpKeypad,
  genericJt8082013,
  genericJt8082019,
  genericJt8082019Counting,
  genericGbt26875,
  aqaraMccgq11lm,
  aqaraRtcgq11lm,
  aqaraWsdcgq11lm,
  aqaraSjcgq11lm,
  aqaraWxkg11lm,
  sonoffSnzb03,
  sonoffSnzb04,
  tuyaTs011fPlug,
  milesightEm300Th,
  milesightEm300Mcs,
  milesightEm300Di,
  milesightAm107,
  milesightWs202,
  milesightWs101,
  milesightWs52x,
  draginoLht65,
  genericVisitorWebhook,
  genericAttendanceCsv,
  genericClassAttendanceCsv,
  genericClassAttendanceWebhook,
  genericDormitoryWebhook,
  genericBusRollWebhook,
  genericBroadcastStatus,
  genericIntrusionWebhook,
];

/** A hub is no device that a school buys: it is not among those of the catalogue. */
const byId = new Map([...PROFILES, campusOpsHub].map((profile) => [profile.id, profile]));

/** The profile called `id`, for example `projector/generic-pjlink-class-2`; undefined when there is none. */
export function findProfile(id: string): Profile | undefined {
  return byId.get(id);
}
