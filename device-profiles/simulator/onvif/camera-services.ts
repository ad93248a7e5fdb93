/** The operations of a simulated camera: the device, media and event services that a driver or a recorder calls. */

import { formatDuration, parseDateTime, parseDuration } from "../../codecs/iso-time.ts";
import { NAMESPACES } from "../../codecs/onvif-requests.ts";
import { escapeXml, textAt, type XmlElement } from "../../codecs/xml.ts";
import type { OnvifProfile, OnvifTopic } from "../../profiles/onvif-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import type { PullPoints } from "./pull-points.ts";

/** A fault of ONVIF Core, clause 5.8.2: the subcodes inside env:Sender. */
export class SoapFaultError extends Error {
  override readonly name = "SoapFaultError";
  readonly subcodes: readonly string[];
  constructor(subcodes: readonly string[], reason: string) {
    super(reason);
    this.subcodes = subcodes;
  }
}

const PULL_LIMIT_DEFAULT = 100;
const LIFETIME_DEFAULT_ms = 60_000;
const LIFETIME_MAX_ms = 600_000;
const VIDEO_SOURCE = "VideoSource_1";
/** Looks like a number and is none: clients that parse it lose the `.0`. */
const PROFILE_TOKEN = "1.0";

export interface Camera {
  readonly profile: OnvifProfile;
  /** The camera's clock. */
  readonly clock: () => number;
  readonly pullPoints: PullPoints;
  /** `http://127.0.0.1:port`, where it is reached. */
  readonly origin: () => string;
  get(metric: MetricName): SampleValue;
}

/** A call: the operation's element, the pull point its address names, and a signal for the client's leaving. */
export interface Call {
  readonly operation: XmlElement;
  readonly pullPoint: string;
  readonly signal: AbortSignal;
}

type Operation = (camera: Camera, call: Call) => string | Promise<string>;

/** ONVIF Core, clause 5.9.4.3, access class PRE_AUTH: what may be asked without a login. */
export const PRE_AUTH: ReadonlySet<string> = new Set([
  "GetSystemDateAndTime",
  "GetCapabilities",
  "GetServices",
]);

export async function perform(camera: Camera, call: Call): Promise<string> {
  const { name } = call.operation;
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
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
  GetServices({ origin }) {
    const service = (namespace: string, path: string): string =>
      `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${origin()}${path}</tds:XAddr>` +
      `<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`;
    return (
      `<tds:GetServicesResponse>${service(NAMESPACES.device, "/onvif/device_service")}` +
      `${service(NAMESPACES.media, "/onvif/media_service")}` +
      `${service(NAMESPACES.events, "/onvif/event_service")}</tds:GetServicesResponse>`
    );
  },
  GetVideoSources() {
    return (
      `<trt:GetVideoSourcesResponse><trt:VideoSources token="${VIDEO_SOURCE}"><tt:Framerate>25</tt:Framerate>` +
      `<tt:Resolution><tt:Width>320</tt:Width><tt:Height>180</tt:Height></tt:Resolution>` +
      `</trt:VideoSources></trt:GetVideoSourcesResponse>`
    );
  },
  GetProfiles() {
    return (
      `<trt:GetProfilesResponse><trt:Profiles token="${PROFILE_TOKEN}" fixed="true"><tt:Name>main</tt:Name>` +
      `<tt:VideoSourceConfiguration token="VideoSourceConfig_1"><tt:Name>main</tt:Name><tt:UseCount>1</tt:UseCount>` +
      `<tt:SourceToken>${VIDEO_SOURCE}</tt:SourceToken>` +
      `<tt:Bounds x="0" y="0" width="320" height="180"/></tt:VideoSourceConfiguration>` +
      `<tt:VideoEncoderConfiguration token="VideoEncoderConfig_1"><tt:Name>main</tt:Name><tt:UseCount>1</tt:UseCount>` +
      `<tt:Encoding>JPEG</tt:Encoding><tt:Resolution><tt:Width>320</tt:Width><tt:Height>180</tt:Height></tt:Resolution>` +
      `<tt:Quality>70</tt:Quality><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit>` +
      `<tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl>` +
      `<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>` +
      `</trt:Profiles></trt:GetProfilesResponse>`
    );
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

/** Tells one pull point what every property is now. */
function synchronise(camera: Camera, id: string): void {
  for (const topic of playedTopics(camera.profile)) {
    camera.pullPoints.push(notification(camera, topic, "Initialized"), id);
  }
}

/** Of the topics that tell of one metric the first: that is the one this camera sends. */
export function playedTopics({ topics }: OnvifProfile): OnvifTopic[] {
  return topics.filter((topic, i) => topics.findIndex(({ metric }) => metric === topic.metric) === i);
}

export function notification(
  camera: Camera,
  { topic, item, metric }: OnvifTopic,
  operation: "Initialized" | "Changed",
): string {
  return (
    `<wsnt:NotificationMessage>` +
    `<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:${topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${new Date(camera.clock()).toISOString()}" PropertyOperation="${operation}">` +
    `<tt:Source><tt:SimpleItem Name="Source" Value="${VIDEO_SOURCE}"/></tt:Source><tt:Key/>` +
    `<tt:Data><tt:SimpleItem Name="${item}" Value="${String(camera.get(metric))}"/></tt:Data>` +
    `</tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}
