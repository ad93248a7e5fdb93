/**
 * WS-Discovery as ONVIF devices speak it (ONVIF Core Specification, clause 7; WS-Discovery of April 2005): a Probe over
 * UDP, and the ProbeMatches that answer it.
 */
import { NAMESPACES } from "./onvif-requests.ts";
import { childrenNamed, descend, escapeXml, MalformedXmlError, parseXml, textAt } from "./xml.ts";

export const WS_DISCOVERY_PORT = 3702;
export const WS_DISCOVERY_GROUP = "239.255.255.250";

const ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
const ONVIF_SCOPE = "onvif://www.onvif.org/";

export interface ProbeMatch {
  /** Addresses of the device service; one a network interface of the device. */
  readonly addresses: readonly string[];
  /** Local names: `NetworkVideoTransmitter`, `Device` … */
  readonly types: readonly string[];
  /** What the ONVIF scopes say: `name`, `hardware`, `location` …, the first of each. */
  readonly scopes: Readonly<Record<string, string>>;
}

/** Asks everybody, whatever type: recorders and door controllers are no NetworkVideoTransmitter. */
export function probeMessage(messageId: string): string {
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${NAMESPACES.soap}" xmlns:a="${ADDRESSING}"` +
    ` xmlns:d="${DISCOVERY}"><s:Header><a:MessageID>urn:uuid:${escapeXml(messageId)}</a:MessageID>` +
    `<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To><a:Action>${DISCOVERY}/Probe</a:Action></s:Header>` +
    "<s:Body><d:Probe/></s:Body></s:Envelope>"
  );
}

/** ONVIF devices among those that answer; none for what is no ProbeMatches. */
export function parseProbeMatches(document: string): readonly ProbeMatch[] {
  try {
    const matches = descend(parseXml(document), "Body", "ProbeMatches");
    return childrenNamed(matches, "ProbeMatch")
      .map((match) => ({
        addresses: words(textAt(match, "XAddrs")),
        types: words(textAt(match, "Types")).map((type) => type.slice(type.indexOf(":") + 1)),
        scopes: onvifScopes(words(textAt(match, "Scopes"))),
      }))
      .filter(({ scopes, types }) => Object.keys(scopes).length > 0 || types.some(isOnvifType));
  } catch (error) {
    if (!(error instanceof MalformedXmlError)) throw error;
    return [];
  }
}

/** The message id of a Probe, for whoever answers it; undefined for anything else. */
export function parseProbe(document: string): string | undefined {
  try {
    const envelope = parseXml(document);
    if (descend(envelope, "Body", "Probe") === undefined) return undefined;
    return textAt(envelope, "Header", "MessageID");
  } catch (error) {
    if (!(error instanceof MalformedXmlError)) throw error;
    return undefined;
  }
}

export function probeMatchesMessage(
  relatesTo: string,
  messageId: string,
  { addresses, scopes, types }: ProbeMatch,
): string {
  const scopeTexts = Object.entries(scopes).map(
    ([name, value]) => `${ONVIF_SCOPE}${name}/${encodeURIComponent(value)}`,
  );
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${NAMESPACES.soap}" xmlns:a="${ADDRESSING}"` +
    ` xmlns:d="${DISCOVERY}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>` +
    `<a:MessageID>urn:uuid:${escapeXml(messageId)}</a:MessageID><a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo>` +
    `<a:Action>${DISCOVERY}/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>` +
    `<a:EndpointReference><a:Address>urn:uuid:${escapeXml(messageId)}</a:Address></a:EndpointReference>` +
    `<d:Types>${types.map((type) => `dn:${type}`).join(" ")}</d:Types>` +
    `<d:Scopes>${escapeXml(scopeTexts.join(" "))}</d:Scopes><d:XAddrs>${escapeXml(addresses.join(" "))}</d:XAddrs>` +
    "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
  );
}

const words = (text: string | undefined): readonly string[] =>
  (text ?? "").split(/\s+/).filter((word) => word !== "");

const isOnvifType = (type: string): boolean =>
  type === "NetworkVideoTransmitter" || type === "NetworkVideoStorage" || type === "NetworkVideoDisplay";

function onvifScopes(scopes: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const scope of scopes) {
    if (!scope.startsWith(ONVIF_SCOPE)) continue;
    const [name = "", value] = scope.slice(ONVIF_SCOPE.length).split("/");
    if (value !== undefined && !Object.hasOwn(found, name)) found[name] = unescaped(value);
  }
  return found;
}

/** Cameras put blanks and Chinese into scopes, escaped or not. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
