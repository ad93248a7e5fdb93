/** ONVIF requests: SOAP 1.2 envelopes, and WS-Security's UsernameToken. */
import { formatDuration } from "./iso-time.ts";
import { escapeXml, formatXml, type XmlElement } from "./xml.ts";

export const NAMESPACES = {
  soap: "http://www.w3.org/2003/05/soap-envelope",
  addressing: "http://www.w3.org/2005/08/addressing",
  security: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
  utility: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
  device: "http://www.onvif.org/ver10/device/wsdl",
  media: "http://www.onvif.org/ver10/media/wsdl",
  events: "http://www.onvif.org/ver10/events/wsdl",
  notification: "http://docs.oasis-open.org/wsn/b-2",
  schema: "http://www.onvif.org/ver10/schema",
  topics: "http://www.onvif.org/ver10/topics",
} as const;

const PASSWORD_DIGEST =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
const BASE64_BINARY =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/** One operation: its wsa:Action and the body it is asked with. */
export interface OnvifRequest {
  readonly action: string;
  readonly body: string;
}

/** A UsernameToken whose digest has been computed. `created` is on the camera's clock. */
export interface UsernameToken {
  readonly username: string;
  readonly nonce: string;
  readonly created: string;
  readonly digest: string;
}

/** What SHA-1 is taken of: nonce + created + password (UsernameToken Profile 1.0, clause 3.1). */
export function passwordDigestInput(nonce: Uint8Array, created: string, password: string): Uint8Array {
  const rest = new TextEncoder().encode(created + password);
  const input = new Uint8Array(nonce.length + rest.length);
  input.set(nonce);
  input.set(rest, nonce.length);
  return input;
}

/** Where a request goes that is not for the device itself (WS-Addressing 1.0, clause 2.1). */
export interface EndpointReference {
  readonly address: string;
  /** Sent back as headers: how some cameras tell one pull point from another. */
  readonly referenceParameters: readonly XmlElement[];
}

/** The whole envelope. */
export function envelope(
  request: OnvifRequest,
  token: UsernameToken | undefined,
  to?: EndpointReference,
): string {
  const addressing = `<wsa:Action s:mustUnderstand="0">${escapeXml(request.action)}</wsa:Action>`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?>` +
    `<s:Envelope xmlns:s="${NAMESPACES.soap}" xmlns:wsa="${NAMESPACES.addressing}">` +
    `<s:Header>${addressing}${to === undefined ? "" : destination(to)}` +
    `${token === undefined ? "" : securityHeader(token)}</s:Header>` +
    `<s:Body>${request.body}</s:Body></s:Envelope>`
  );
}

function destination({ address, referenceParameters }: EndpointReference): string {
  const parameters = referenceParameters.map((each) => formatXml(each, ' wsa:IsReferenceParameter="true"'));
  return `<wsa:To s:mustUnderstand="0">${escapeXml(address)}</wsa:To>${parameters.join("")}`;
}

function securityHeader({ username, nonce, created, digest }: UsernameToken): string {
  return (
    `<Security s:mustUnderstand="1" xmlns="${NAMESPACES.security}"><UsernameToken>` +
    `<Username>${escapeXml(username)}</Username>` +
    `<Password Type="${PASSWORD_DIGEST}">${digest}</Password>` +
    `<Nonce EncodingType="${BASE64_BINARY}">${nonce}</Nonce>` +
    `<Created xmlns="${NAMESPACES.utility}">${created}</Created>` +
    `</UsernameToken></Security>`
  );
}

function operation(namespace: string, portType: string, name: string, content = ""): OnvifRequest {
  return {
    action: `${namespace}/${portType}${name}`,
    body: `<${name} xmlns="${namespace}">${content}</${name}>`,
  };
}

export const getSystemDateAndTime = operation(NAMESPACES.device, "", "GetSystemDateAndTime");
export const getDeviceInformation = operation(NAMESPACES.device, "", "GetDeviceInformation");
export const getCapabilities = operation(
  NAMESPACES.device,
  "",
  "GetCapabilities",
  "<Category>All</Category>",
);
export const getProfiles = operation(NAMESPACES.media, "", "GetProfiles");

export function getSnapshotUri(profileToken: string): OnvifRequest {
  const content = `<ProfileToken>${escapeXml(profileToken)}</ProfileToken>`;
  return operation(NAMESPACES.media, "", "GetSnapshotUri", content);
}

export function createPullPointSubscription(lifetime_ms: number): OnvifRequest {
  const content = `<InitialTerminationTime>${formatDuration(lifetime_ms)}</InitialTerminationTime>`;
  return operation(NAMESPACES.events, "EventPortType/", "CreatePullPointSubscription", content);
}

export function pullMessages(timeout_ms: number, limit: number): OnvifRequest {
  const content = `<Timeout>${formatDuration(timeout_ms)}</Timeout><MessageLimit>${limit}</MessageLimit>`;
  return operation(NAMESPACES.events, "PullPointSubscription/", "PullMessages", content);
}

export const setSynchronizationPoint = operation(
  NAMESPACES.events,
  "PullPointSubscription/",
  "SetSynchronizationPoint",
);

export function renew(lifetime_ms: number): OnvifRequest {
  return {
    action: "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/RenewRequest",
    body: `<Renew xmlns="${NAMESPACES.notification}"><TerminationTime>${formatDuration(lifetime_ms)}</TerminationTime></Renew>`,
  };
}
