/** The operations of a simulated camera: the device, media and event services that a driver or a recorder calls. */

import { formatDuration, parseDateTime, parseDuration } from "../../codecs/iso-time.ts";
import { NAMESPACES } from "../../codecs/onvif-requests.ts";
import { SERVICE_NAMESPACES } from "../../codecs/onvif-services.ts";
import { escapeXml, textAt } from "../../codecs/xml.ts";
import type { OnvifProfile, OnvifTopic } from "../../profiles/onvif-profile.ts";
import type { MetricName } from "../../vocabulary/index.ts";
import { DOOR_OPERATIONS, DOOR_TOKEN, doorText } from "./door-services.ts";
import { type Call, type Camera, type Operation, SoapFaultError, videoSources } from "./operation.ts";
import { PTZ_OPERATIONS } from "./ptz-services.ts";
import { RECORDING_OPERATIONS } from "./recording-services.ts";

const PULL_LIMIT_DEFAULT = 100;
const LIFETIME_DEFAULT_ms = 60_000;
const LIFETIME_MAX_ms = 600_000;
/** Looks like a number and is none: clients that parse it lose the `.0`. */
const profileToken = (index: number): string => `${index + 1}.0`;
const PROFILE_TOKEN = profileToken(0);

/** ONVIF Core, clause 5.9.4.3, access class PRE_AUTH: what may be asked without a login. */
export const PRE_AUTH: ReadonlySet<string> = new Set([
  "GetSystemDateAndTime",
  "GetCapabilities",
  "GetServices",
]);

export async function perform(camera: Camera, call: Call): Promise<string> {
  const { name } = call.operation;
  const operations = operationsOf(camera.profile);
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) {
    throw new SoapFaultError(["ter:ActionNotSupported"], `the camera has no operation ${name}`);
  }
  return await operation(camera, call);
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetSystemDateAndTime({ clock }) {
    const now = new Date(clock());
    return (
      `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>` +
      `<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>` +
      `<tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>` +
      `<tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute>` +
      `<tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time>` +
      `<tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month>` +
      `<tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime>` +
      `</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`
    );
  },
  GetDeviceInformation(camera) {
    const text = (metric: MetricName): string => escapeXml(String(camera.get(metric)));
    return (
      `<tds:GetDeviceInformationResponse><tds:Manufacturer>${text("Properties/Vendor")}</tds:Manufacturer>` +
      `<tds:Model>${text("Properties/Model")}</tds:Model>` +
      `<tds:FirmwareVersion>${text("Properties/Firmware")}</tds:FirmwareVersion>` +
      `<tds:SerialNumber>${text("Properties/Serial")}</tds:SerialNumber>` +
      `<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>`
    );
  },
  GetCapabilities({ origin }) {
    return (
      `<tds:GetCapabilitiesResponse><tds:Capabilities>` +
      `<tt:Device><tt:XAddr>${origin()}/onvif/device_service</tt:XAddr></tt:Device>` +
      `<tt:Events><tt:XAddr>${origin()}/onvif/event_service</tt:XAddr>` +
      `<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport>` +
      `<tt:WSPullPointSupport>true</tt:WSPullPointSupport>` +
      `<tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>` +
      `</tt:Events><tt:Media><tt:XAddr>${origin()}/onvif/media_service</tt:XAddr>` +
      `<tt:StreamingCapabilities><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>` +
      `</tds:Capabilities></tds:GetCapabilitiesResponse>`
    );
  },
  GetServices({ origin, profile }) {
    const service = (namespace: string, path: string): string =>
      `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${origin()}${path}</tds:XAddr>` +
      `<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`;
    const recording =
      service(SERVICE_NAMESPACES.recording, "/onvif/recording_service") +
      service(SERVICE_NAMESPACES.search, "/onvif/search_service") +
      service(SERVICE_NAMESPACES.replay, "/onvif/replay_service");
    return (
      `<tds:GetServicesResponse>${service(NAMESPACES.device, "/onvif/device_service")}` +
      `${service(NAMESPACES.media, "/onvif/media_service")}` +
      `${service(NAMESPACES.events, "/onvif/event_service")}` +
      `${profile.ptz === true ? service(SERVICE_NAMESPACES.ptz, "/onvif/ptz_service") : ""}` +
      `${profile.recording === undefined ? "" : recording}` +
      `${profile.door === true ? service(SERVICE_NAMESPACES.doorControl, "/onvif/door_service") : ""}` +
      `</tds:GetServicesResponse>`
    );
  },
  GetVideoSources({ profile }) {
    const sources = videoSources(profile).map(
      (token) =>
        `<trt:VideoSources token="${token}"><tt:Framerate>25</tt:Framerate>` +
        `<tt:Resolution><tt:Width>320</tt:Width><tt:Height>180</tt:Height></tt:Resolution></trt:VideoSources>`,
    );
    return `<trt:GetVideoSourcesResponse>${sources.join("")}</trt:GetVideoSourcesResponse>`;
  },
  GetProfiles({ profile }) {
    const profiles = videoSources(profile).map(
      (source, i) =>
        `<trt:Profiles token="${profileToken(i)}" fixed="true"><tt:Name>main</tt:Name>` +
        `<tt:VideoSourceConfiguration token="VideoSourceConfig_${i + 1}"><tt:Name>main</tt:Name><tt:UseCount>1</tt:UseCount>` +
        `<tt:SourceToken>${source}</tt:SourceToken>` +
        `<tt:Bounds x="0" y="0" width="320" height="180"/></tt:VideoSourceConfiguration>` +
        `<tt:VideoEncoderConfiguration token="VideoEncoderConfig_${i + 1}"><tt:Name>main</tt:Name><tt:UseCount>1</tt:UseCount>` +
        `<tt:Encoding>JPEG</tt:Encoding><tt:Resolution><tt:Width>320</tt:Width><tt:Height>180</tt:Height></tt:Resolution>` +
        `<tt:Quality>70</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit>` +
        `<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl>` +
        `<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration></trt:Profiles>`,
    );
    return `<trt:GetProfilesResponse>${profiles.join("")}</trt:GetProfilesResponse>`;
  },
  GetSnapshotUri({ origin }, { operation }) {
    if (textAt(operation, "ProfileToken") !== PROFILE_TOKEN) {
      throw new SoapFaultError(["ter:InvalidArgVal", "ter:NoProfile"], "there is no such media profile");
    }
    return (
      `<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>${origin()}/snapshot.jpg?profile=${PROFILE_TOKEN}</tt:Uri>` +
      `<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>` +
      `<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetSnapshotUriResponse>`
    );
  },
  CreatePullPointSubscription(camera, { operation }) {
    const lifetime = lifetimeOf(camera, textAt(operation, "InitialTerminationTime"));
    const id = camera.pullPoints.create(lifetime);
    if (id === undefined) {
      throw new SoapFaultError(["wsntw:UnableToCreatePullPointFault"], "there are too many pull points");
    }
    // What a new subscriber is told first (ONVIF Core, clause 9.4.2: property events).
    synchronise(camera, id);
    return (
      `<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>` +
      `<wsa:Address>${camera.origin()}/onvif/subscription?Idx=${id}</wsa:Address></tev:SubscriptionReference>` +
      `${terms(camera, id, "wsnt")}</tev:CreatePullPointSubscriptionResponse>`
    );
  },
  async PullMessages(camera, { operation, pullPoint, signal }) {
    const limit = Number(textAt(operation, "MessageLimit") ?? PULL_LIMIT_DEFAULT);
    const timeout = parseDuration(textAt(operation, "Timeout") ?? "") ?? 0;
    const messages = await camera.pullPoints.pull(pullPoint, limit, timeout, signal);
    if (messages === undefined) throw noPullPoint();
    return `<tev:PullMessagesResponse>${terms(camera, pullPoint, "tev")}${messages.join("")}</tev:PullMessagesResponse>`;
  },
  SetSynchronizationPoint(camera, { pullPoint }) {
    if (camera.pullPoints.terminationTime(pullPoint) === undefined) throw noPullPoint();
    synchronise(camera, pullPoint);
    return "<tev:SetSynchronizationPointResponse/>";
  },
  Renew(camera, { operation, pullPoint }) {
    if (!camera.pullPoints.renew(pullPoint, lifetimeOf(camera, textAt(operation, "TerminationTime")))) {
      throw noPullPoint();
    }
    return `<wsnt:RenewResponse>${terms(camera, pullPoint, "wsnt")}</wsnt:RenewResponse>`;
  },
  Unsubscribe(camera, { pullPoint }) {
    if (!camera.pullPoints.remove(pullPoint)) throw noPullPoint();
    return "<wsnt:UnsubscribeResponse/>";
  },
};

function noPullPoint(): SoapFaultError {
  return new SoapFaultError(["wsrf-rw:ResourceUnknownFault"], "there is no such pull point, or no longer");
}

/** A duration or an instant, as far as the camera grants it. */
function lifetimeOf({ clock }: Camera, asked: string | undefined): number {
  const end = asked === undefined ? undefined : parseDateTime(asked);
  const lifetime = end === undefined ? parseDuration(asked ?? "") : end - clock();
  if (lifetime === undefined) return LIFETIME_DEFAULT_ms;
  if (lifetime <= 0) {
    throw new SoapFaultError(
      ["wsnt:UnacceptableInitialTerminationTimeFault"],
      `${formatDuration(lifetime)} is over`,
    );
  }
  return Math.min(lifetime, LIFETIME_MAX_ms);
}

function terms({ clock, pullPoints }: Camera, id: string, prefix: string): string {
  const now = clock();
  const end = pullPoints.terminationTime(id) ?? now;
  return (
    `<${prefix}:CurrentTime>${new Date(now).toISOString()}</${prefix}:CurrentTime>` +
    `<${prefix}:TerminationTime>${new Date(end).toISOString()}</${prefix}:TerminationTime>`
  );
}

/** The camera has the services that its profile asks for. */
function operationsOf({ door, ptz, recording }: OnvifProfile): Readonly<Record<string, Operation>> {
  return {
    ...OPERATIONS,
    ...(ptz === true ? PTZ_OPERATIONS : {}),
    ...(recording === undefined ? {} : RECORDING_OPERATIONS),
    ...(door === true ? DOOR_OPERATIONS : {}),
  };
}

/** Tells one pull point what every property is now. */
function synchronise(camera: Camera, id: string): void {
  for (const topic of playedTopics(camera.profile)) {
    for (const source of videoSources(camera.profile)) {
      camera.pullPoints.push(notification(camera, topic, "Initialized", source), id);
    }
  }
}

/** Of the topics that tell of one metric the first: that is the one this camera sends. */
export function playedTopics({ topics }: OnvifProfile): OnvifTopic[] {
  return topics.filter((topic, i) => topics.findIndex(({ metric }) => metric === topic.metric) === i);
}

export function notification(
  camera: Camera,
  { topic, item, metric, values }: OnvifTopic,
  operation: "Initialized" | "Changed",
  source: string,
): string {
  const channel = source.slice(source.lastIndexOf("_") + 1);
  const isDoor = camera.profile.door === true && values !== undefined;
  const value = isDoor ? doorText(camera, topic) : String(camera.get(metric.replace("*", channel)));
  const from = isDoor ? `Name="DoorToken" Value="${DOOR_TOKEN}"` : `Name="Source" Value="${source}"`;
  return (
    `<wsnt:NotificationMessage>` +
    `<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:${topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${new Date(camera.clock()).toISOString()}" PropertyOperation="${operation}">` +
    `<tt:Source><tt:SimpleItem ${from}/></tt:Source><tt:Key/>` +
    `<tt:Data><tt:SimpleItem Name="${item}" Value="${value}"/></tt:Data>` +
    `</tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}
