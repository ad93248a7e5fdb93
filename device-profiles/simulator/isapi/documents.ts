/** The documents that a simulated ISAPI device answers with. */

import { escapeXml } from "../../codecs/xml.ts";
import type { IsapiProfile } from "../../profiles/isapi-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";

export const XML = 'application/xml; charset="UTF-8"';
export const JSON_TYPE = "application/json";
const NAMESPACE = 'version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema"';
const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>';
const DISK_MB = 3_815_447;

/** What the documents are filled from. */
export interface DeviceState {
  readonly profile: IsapiProfile;
  readonly channels: number;
  get(metric: MetricName): SampleValue;
  /** The device's clock as it writes it. */
  readonly localTime: string;
}

export function deviceInfo(state: DeviceState): string {
  const text = (metric: MetricName): string => escapeXml(String(state.get(metric)));
  return (
    `${PROLOGUE}<DeviceInfo ${NAMESPACE}><deviceName>${escapeXml(state.profile.title.zh)}</deviceName>` +
    `<deviceID>48443030-3637-3534-3837-000000000000</deviceID><model>${text("Properties/Model")}</model>` +
    `<serialNumber>${text("Properties/Serial")}</serialNumber><macAddress>00:00:5e:00:53:01</macAddress>` +
    `<firmwareVersion>${text("Properties/Firmware")}</firmwareVersion><telecontrolID/></DeviceInfo>`
  );
}

export function time({ localTime }: DeviceState): string {
  return (
    `${PROLOGUE}<Time ${NAMESPACE}><timeMode>manual</timeMode><localTime>${localTime}</localTime>` +
    `<timeZone>CST-8:00:00</timeZone></Time>`
  );
}

const MODES: Readonly<Record<string, number>> = { unlocked: 2, locked: 3, controlled: 4 };
/** An exception of the contact's line. */
const NO_CONTACT = 4;

export function workStatus(state: DeviceState, sensorMissing: boolean): string {
  const flag = (metric: MetricName): number => (state.get(metric) === true ? 1 : 0);
  return JSON.stringify({
    AcsWorkStatus: {
      doorLockStatus: [flag("Door/Unlocked")],
      doorStatus: [MODES[String(state.get("Door/Mode"))] ?? 1],
      magneticStatus: [sensorMissing ? NO_CONTACT : flag("Door/Open")],
      hostAntiDismantleStatus: state.get("Door/Tamper") === true ? "open" : "close",
      cardReaderOnlineStatus: [1],
    },
  });
}

export function storage(state: DeviceState): string {
  const status = state.get("Recording/DiskFault") === true ? "error" : "ok";
  const free = state.get("Recording/DiskFull") === true ? 0 : Math.floor(DISK_MB / 4);
  return (
    `${PROLOGUE}<storage ${NAMESPACE}><hddList ${NAMESPACE} size="1"><hdd><id>1</id><hddName>hdda</hddName>` +
    `<hddPath></hddPath><hddType>SATA</hddType><status>${status}</status><capacity>${DISK_MB}</capacity>` +
    `<freeSpace>${free}</freeSpace><property>RW</property></hdd></hddList></storage>`
  );
}

export function channelStatus(state: DeviceState): string {
  const channels = Array.from({ length: state.channels }, (_, index) => index + 1).map(
    (id) =>
      `<InputProxyChannelStatus><id>${id}</id><sourceInputPortDescriptor><proxyProtocol>ONVIF</proxyProtocol>` +
      `</sourceInputPortDescriptor><online>${String(state.get(`Channel/${id}/Online`))}</online>` +
      `</InputProxyChannelStatus>`,
  );
  return `${PROLOGUE}<InputProxyChannelStatusList ${NAMESPACE}>${channels.join("")}</InputProxyChannelStatusList>`;
}

/** `oldest` as local time, which recorders write with a Z here. */
export function searchResult(oldest: string | undefined): string {
  const match =
    oldest === undefined
      ? "<responseStatusStrg>NO MATCHES</responseStatusStrg><numOfMatches>0</numOfMatches><matchList/>"
      : "<responseStatusStrg>MORE</responseStatusStrg><numOfMatches>1</numOfMatches><matchList><searchMatchItem>" +
        `<timeSpan><startTime>${oldest}</startTime><endTime>${oldest}</endTime></timeSpan></searchMatchItem></matchList>`;
  return `${PROLOGUE}<CMSearchResult ${NAMESPACE}><responseStatus>true</responseStatus>${match}</CMSearchResult>`;
}

export function responseStatus(code: number, text: string, sub: string): string {
  return (
    `${PROLOGUE}<ResponseStatus ${NAMESPACE}><requestURL></requestURL><statusCode>${code}</statusCode>` +
    `<statusString>${text}</statusString><subStatusCode>${sub}</subStatusCode></ResponseStatus>`
  );
}

export function alert(eventType: string, channel: number, active: boolean, time: string): string {
  return (
    `<EventNotificationAlert ${NAMESPACE}><ipAddress>127.0.0.1</ipAddress><portNo>80</portNo>` +
    `<protocol>HTTP</protocol><macAddress>00:00:5e:00:53:01</macAddress><channelID>${channel}</channelID>` +
    `<dateTime>${time}</dateTime><activePostCount>${active ? 1 : 0}</activePostCount>` +
    `<eventType>${eventType}</eventType><eventState>${active ? "active" : "inactive"}</eventState>` +
    `<eventDescription>${eventType} alarm</eventDescription><channelName/></EventNotificationAlert>`
  );
}
