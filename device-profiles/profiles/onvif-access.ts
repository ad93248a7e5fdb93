/** Who wants to pass a door, as ONVIF Access Control tells it (Access Control Service, clause 6). */
import type { Notification } from "../codecs/onvif-responses.ts";
import type { DeviceEvent, SampleValue } from "../vocabulary/index.ts";
import { type Receipt, timeOfLive } from "./device-time.ts";

/** Reasons of Denied, by what the dictionary says. */
export const DENIALS: Readonly<Record<string, string>> = {
  CredentialNotEnabled: "revoked",
  CredentialNotActive: "revoked",
  CredentialExpired: "expired",
  InvalidPIN: "not-recognised",
  NotPermittedAtThisTime: "schedule",
  Unauthorized: "no-permission",
};

/**
 * Undefined for a topic that tells of nobody. Granted is not passed: only AccessTaken is a passage. ONVIF numbers no
 * events; an id is a keyed hash of all that one says, so that what is sent again is the same event.
 */
export function eventFromNotification(
  notification: Notification,
  receipt: Receipt,
  pseudonym: (text: string) => string,
): DeviceEvent | undefined {
  const { data, operation, source, topic, utcTime } = notification;
  if (operation === "Initialized" || operation === "Deleted") return undefined;
  const [service, kind = "", what] = topic.split("/");
  if (service !== "AccessControl") return undefined;
  const who = data.CredentialToken ?? data.Card;
  const common = { serial: null, credential: who === undefined ? null : pseudonym(who), direction: null };
  const fields = fieldsOf(kind, what, data, common);
  if (fields === undefined) return undefined;
  const id = pseudonym(JSON.stringify([topic, utcTime ?? receipt.receivedAt, source, data]));
  const event = kind === "AccessTaken" ? "Access/Passage" : "Access/Swipe";
  return { event, id, fields, ...timeOfLive(utcTime, receipt) };
}

type Fields = Readonly<Record<string, SampleValue>>;

function fieldsOf(
  kind: string,
  what: string | undefined,
  data: Notification["data"],
  common: Fields,
): Fields | undefined {
  const method = data.Card === undefined ? null : "card";
  switch (kind) {
    case "AccessTaken":
      return common;
    case "AccessGranted":
      return { ...common, result: "granted", reason: "none", method };
    case "Denied": {
      const reason = what === "CredentialNotFound" ? "unknown" : (DENIALS[data.Reason ?? ""] ?? "unknown");
      return { ...common, result: "refused", reason, method };
    }
    case "Duress":
      return { ...common, result: "refused", reason: "duress", method };
    default:
      return undefined;
  }
}
