/** What a device will report, as far as its profile says so before anybody has looked. */

import type { EventName, MetricName } from "../vocabulary/index.ts";
import { CALL_METRICS } from "./calls.ts";
import type { Profile } from "./catalogue.ts";
import { chirpstackEvents, chirpstackMetrics } from "./chirpstack-profile.ts";
import { cjt188Metrics } from "./cjt188-profile.ts";
import { dahuaEvents, dahuaFamilies, dahuaMetrics } from "./dahua-profile.ts";
import { dlt645Metrics } from "./dlt645-profile.ts";
import { GBT26875_EVENTS, gbt26875Metrics } from "./gbt26875-profile.ts";
import { isapiEvents, isapiFamilies, isapiMetrics } from "./isapi-profile.ts";
import { JT808_EVENTS, jt808Metrics } from "./jt808-profile.ts";
import { LOCAL_HUB_EVENTS, LOCAL_HUB_METRICS } from "./local-hub-profile.ts";
import { modbusMetrics } from "./modbus-profile.ts";
import { onvifEvents, onvifFamilies, onvifMetrics } from "./onvif-profile.ts";
import { OSDP_EVENTS, OSDP_METRICS } from "./osdp-profile.ts";
import { projectorMetrics } from "./pjlink-reading.ts";
import { recordEvents, recordFamilies, recordMetrics } from "./record-mapping.ts";
import { RTSP_METRICS } from "./rtsp-profile.ts";
import { serialControlMetrics } from "./serial-control-profile.ts";
import { zigbee2mqttMetrics } from "./zigbee2mqtt-profile.ts";

export interface Declared {
  readonly metrics: readonly MetricName[];
  readonly events: readonly EventName[];
  /**
   * Metrics of which a device has as many as it has ports, channels or lamps, with `*` for the instance. How many
   * there are is found by looking; a new birth then names them.
   */
  readonly families?: readonly string[];
}

export function declaredBy(profile: Profile): Declared {
  switch (profile.protocol) {
    case "local-hub":
      return { metrics: LOCAL_HUB_METRICS, events: LOCAL_HUB_EVENTS };
    case "pull":
      return {
        metrics: [...recordMetrics(profile.mappings), "Connectivity/Malformed"],
        events: recordEvents(profile.mappings),
        families: recordFamilies(profile.mappings),
      };
    case "webhook":
      return {
        metrics: [...recordMetrics(profile.mappings), ...CALL_METRICS],
        events: recordEvents(profile.mappings),
        families: recordFamilies(profile.mappings),
      };
    case "chirpstack":
      return { metrics: chirpstackMetrics(profile), events: chirpstackEvents(profile) };
    case "zigbee2mqtt":
      return {
        metrics: zigbee2mqttMetrics(profile),
        events: profile.hasActions === true ? ["Button/Pressed"] : [],
      };
    case "cjt188":
      return { metrics: cjt188Metrics(profile), events: [] };
    case "dlt645":
      return { metrics: dlt645Metrics(profile), events: [] };
    case "gbt26875":
      return { metrics: gbt26875Metrics(profile), events: GBT26875_EVENTS };
    case "jt808":
      return { metrics: jt808Metrics(profile), events: JT808_EVENTS };
    case "modbus":
      return {
        metrics: modbusMetrics(profile),
        events: profile.log === undefined ? [] : [profile.log.event],
      };
    case "osdp":
      return { metrics: OSDP_METRICS, events: OSDP_EVENTS };
    case "serial-control":
      return { metrics: serialControlMetrics(profile), events: [] };
    case "snmp":
      return {
        metrics: [...profile.attributes, ...profile.scalars, ...(profile.figures ?? [])].map(
          ({ metric }) => metric,
        ),
        events: [],
        families: profile.columns.map(({ capability, metric }) => `${capability}/*/${metric}`),
      };
    case "dahua":
      return {
        metrics: dahuaMetrics(profile),
        events: dahuaEvents(profile),
        families: dahuaFamilies(profile),
      };
    case "rtsp":
      return { metrics: RTSP_METRICS, events: [] };
    case "isapi":
      return {
        metrics: isapiMetrics(profile),
        events: isapiEvents(profile),
        families: isapiFamilies(profile),
      };
    case "onvif":
      return {
        metrics: onvifMetrics(profile),
        events: onvifEvents(profile),
        families: onvifFamilies(profile),
      };
    case "pjlink":
      return { metrics: projectorMetrics(profile), events: [] };
  }
}
