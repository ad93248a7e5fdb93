/** ONVIF answers, read out of their SOAP envelopes. What is missing is undefined; identifiers are the raw text. */
import type { Timestamp } from "../vocabulary/index.ts";
import { parseDateTime, utc } from "./iso-time.ts";
import type { EndpointReference } from "./onvif-requests.ts";
import { childrenNamed, descend, parseXml, textAt, type XmlElement } from "./xml.ts";

/** A SOAP fault (SOAP 1.2 part 1, clause 5.4). Codes and subcodes are without their prefix, outermost first. */
export interface SoapFault {
  readonly codes: readonly string[];
  readonly reason: string;
}

export type SoapAnswer =
  | { readonly kind: "body"; readonly body: XmlElement }
  | { readonly kind: "fault"; readonly fault: SoapFault };

/** What a SOAP envelope holds. Throws `MalformedXmlError`; undefined when it is XML but no envelope with a body. */
export function parseSoap(document: string): SoapAnswer | undefined {
  const root = parseXml(document);
  const body = root.name === "Envelope" ? descend(root, "Body") : undefined;
  if (body === undefined) return undefined;
  const fault = descend(body, "Fault");
  return fault === undefined ? { kind: "body", body } : { kind: "fault", fault: faultOf(fault) };
}

const FAULT_DEPTH_MAX = 8;

function faultOf(fault: XmlElement): SoapFault {
  const codes: string[] = [];
  let at = descend(fault, "Code");
  for (let depth = 0; at !== undefined && depth < FAULT_DEPTH_MAX; depth++) {
    codes.push(unprefixed(textAt(at, "Value") ?? ""));
    at = descend(at, "Subcode");
  }
  // SOAP 1.1, which some cameras fall back to, says faultcode and faultstring.
  const old = textAt(fault, "faultcode");
  if (old !== undefined) codes.push(unprefixed(old));
  const reason = textAt(fault, "Reason", "Text") ?? textAt(fault, "faultstring") ?? "no reason given";
  return { codes, reason };
}

/** ter:NotAuthorized (ONVIF Core, clause 5.8.2) and the faults of WS-Security that mean the same. */
export function isLoginRefused(fault: SoapFault): boolean {
  const refusals = ["NotAuthorized", "FailedAuthentication", "InvalidSecurityToken", "SenderNotAuthorized"];
  return fault.codes.some((code) => refusals.includes(code));
}

function unprefixed(qualifiedName: string): string {
  return qualifiedName.slice(qualifiedName.lastIndexOf(":") + 1);
}

/** GetSystemDateAndTimeResponse: the camera's UTC clock. */
export function parseSystemDateAndTime(body: XmlElement): Timestamp | undefined {
  const at = descend(body, "GetSystemDateAndTimeResponse", "SystemDateAndTime", "UTCDateTime");
  const field = (...path: string[]): number | undefined => {
    const text = textAt(at, ...path);
    return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  };
  return utc(
    field("Date", "Year"),
    field("Date", "Month"),
    field("Date", "Day"),
    field("Time", "Hour"),
    field("Time", "Minute"),
    field("Time", "Second"),
  );
}

export interface DeviceInformation {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly firmwareVersion?: string;
  readonly serialNumber?: string;
}

export function parseDeviceInformation(body: XmlElement): DeviceInformation | undefined {
  const response = descend(body, "GetDeviceInformationResponse");
  if (response === undefined) return undefined;
  const manufacturer = textAt(response, "Manufacturer");
  const model = textAt(response, "Model");
  const firmwareVersion = textAt(response, "FirmwareVersion");
  const serialNumber = textAt(response, "SerialNumber");
  return {
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
    ...(serialNumber === undefined ? {} : { serialNumber }),
  };
}

export interface ServiceAddresses {
  readonly events?: string;
  readonly media?: string;
}

export function parseCapabilities(body: XmlElement): ServiceAddresses {
  const capabilities = descend(body, "GetCapabilitiesResponse", "Capabilities");
  const events = textAt(capabilities, "Events", "XAddr");
  const media = textAt(capabilities, "Media", "XAddr");
  return { ...(events === undefined ? {} : { events }), ...(media === undefined ? {} : { media }) };
}

export function parseSnapshotUri(body: XmlElement): string | undefined {
  return textAt(body, "GetSnapshotUriResponse", "MediaUri", "Uri");
}

/** When a subscription ends, as the camera wrote it. */
export interface SubscriptionTerms {
  readonly currentTime?: string;
  readonly terminationTime?: string;
}

export interface Subscription extends SubscriptionTerms {
  readonly endpoint: EndpointReference;
}

export function parseSubscription(body: XmlElement): Subscription | undefined {
  const response = descend(body, "CreatePullPointSubscriptionResponse");
  const address = textAt(response, "SubscriptionReference", "Address");
  if (address === undefined) return undefined;
  const parameters = descend(response, "SubscriptionReference", "ReferenceParameters");
  return { endpoint: { address, referenceParameters: parameters?.children ?? [] }, ...termsOf(response) };
}

export function parseRenewal(body: XmlElement): SubscriptionTerms | undefined {
  const response = descend(body, "RenewResponse");
  return response === undefined ? undefined : termsOf(response);
}

function termsOf(response: XmlElement | undefined): SubscriptionTerms {
  const currentTime = textAt(response, "CurrentTime");
  const terminationTime = textAt(response, "TerminationTime");
  return {
    ...(currentTime === undefined ? {} : { currentTime }),
    ...(terminationTime === undefined ? {} : { terminationTime }),
  };
}

/** One NotificationMessage (ONVIF Core, clause 9.4.1). */
export interface Notification {
  /** Segments without their prefixes: `VideoSource/MotionAlarm`. */
  readonly topic: string;
  /** Absent for a message that is not about a property. */
  readonly operation?: "Initialized" | "Changed" | "Deleted";
  /** On the camera's clock; absent when the camera gave no time, or none that can be read. */
  readonly utcTime?: Timestamp;
  readonly source: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

/** Undefined when the answer is no PullMessagesResponse. A message without topic or content is left out. */
export function parsePullMessages(body: XmlElement): readonly Notification[] | undefined {
  const response = descend(body, "PullMessagesResponse");
  if (response === undefined) return undefined;
  return childrenNamed(response, "NotificationMessage").flatMap((message) => notificationOf(message) ?? []);
}

function notificationOf(message: XmlElement): Notification | undefined {
  const topic = textAt(message, "Topic")?.split("/").map(unprefixed).join("/");
  const content = descend(message, "Message", "Message");
  if (topic === undefined || content === undefined) return undefined;
  const utcTime = parseDateTime(content.attributes.UtcTime ?? "");
  const operation = content.attributes.PropertyOperation;
  return {
    topic,
    ...(operation === "Initialized" || operation === "Changed" || operation === "Deleted"
      ? { operation }
      : {}),
    ...(utcTime === undefined ? {} : { utcTime }),
    source: simpleItems(descend(content, "Source")),
    data: simpleItems(descend(content, "Data")),
  };
}

function simpleItems(element: XmlElement | undefined): Readonly<Record<string, string>> {
  const items = childrenNamed(element, "SimpleItem").flatMap(({ attributes }) =>
    attributes.Name === undefined || attributes.Value === undefined
      ? []
      : [[attributes.Name, attributes.Value]],
  );
  return Object.fromEntries(items);
}
