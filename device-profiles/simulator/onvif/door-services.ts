/** The door control service of a simulated controller with one door, and what its readers notify. */
import { escapeXml, textAt } from "../../codecs/xml.ts";
import { DENIALS } from "../../profiles/onvif-access.ts";
import type { EventName, SampleValue } from "../../vocabulary/index.ts";
import { type Camera, type Operation, SoapFaultError } from "./operation.ts";

const DOOR_CONTROL = 'xmlns:tdc="http://www.onvif.org/ver10/doorcontrol/wsdl"';
export const DOOR_TOKEN = "door-1";

const MODES: Readonly<Record<string, string>> = {
  controlled: "Locked",
  unlocked: "Unlocked",
  locked: "LockedDown",
};

/** What a part of the door's state is called; its alarm is one part for two metrics. */
export function doorText(camera: Camera, topic: string): string {
  const is = (metric: string): boolean => camera.get(metric) === true;
  switch (topic) {
    case "Door/State/DoorPhysicalState":
      return is("Door/Open") ? "Open" : "Closed";
    case "Door/State/LockPhysicalState":
      return is("Door/Unlocked") ? "Unlocked" : "Locked";
    case "Door/State/DoorMode":
      return MODES[String(camera.get("Door/Mode"))] ?? "Unknown";
    case "Door/State/DoorAlarm":
      return is("Door/Forced") ? "DoorForcedOpen" : is("Door/HeldOpen") ? "DoorOpenTooLong" : "Normal";
    default:
      return is("Door/Tamper") ? "TamperDetected" : "NotInTamper";
  }
}

function command(name: string, act: (camera: Camera) => void): Operation {
  return (camera, { operation }) => {
    if (textAt(operation, "Token") !== DOOR_TOKEN) {
      throw new SoapFaultError(["ter:InvalidArgVal", "ter:NotFound"], "there is no such door");
    }
    camera.obey(() => act(camera));
    return `<tdc:${name}Response ${DOOR_CONTROL}/>`;
  };
}

const mode =
  (name: string, unlocked: boolean) =>
  (camera: Camera): void => {
    camera.set("Door/Mode", name);
    camera.set("Door/Unlocked", unlocked);
  };

export const DOOR_OPERATIONS: Readonly<Record<string, Operation>> = {
  GetDoorInfoList: () =>
    `<tdc:GetDoorInfoListResponse ${DOOR_CONTROL}><tdc:DoorInfo token="${DOOR_TOKEN}"><tdc:Name>door</tdc:Name>` +
    `<tdc:Capabilities Access="true" Lock="true" Unlock="true" LockDown="true"/></tdc:DoorInfo></tdc:GetDoorInfoListResponse>`,
  GetDoorState(camera) {
    const part = (name: string): string => doorText(camera, `Door/State/${name}`);
    return (
      `<tdc:GetDoorStateResponse ${DOOR_CONTROL}><tdc:DoorState>` +
      `<tdc:DoorPhysicalState>${part("DoorPhysicalState")}</tdc:DoorPhysicalState>` +
      `<tdc:LockPhysicalState>${part("LockPhysicalState")}</tdc:LockPhysicalState>` +
      `<tdc:Alarm>${part("DoorAlarm")}</tdc:Alarm><tdc:Tamper><tdc:State>${part("DoorTamper")}</tdc:State></tdc:Tamper>` +
      `<tdc:DoorMode>${part("DoorMode")}</tdc:DoorMode></tdc:DoorState></tdc:GetDoorStateResponse>`
    );
  },
  AccessDoor: command("AccessDoor", (camera) => camera.set("Door/Unlocked", true)),
  LockDoor: command("LockDoor", mode("controlled", false)),
  UnlockDoor: command("UnlockDoor", mode("unlocked", true)),
  LockDownDoor: command("LockDownDoor", mode("locked", false)),
  LockDownReleaseDoor: command("LockDownReleaseDoor", mode("controlled", false)),
};

/** The notification of somebody at the door. Throws RangeError for what cannot happen here. */
export function accessNotification(
  camera: Camera,
  event: EventName,
  fields: Readonly<Record<string, SampleValue>>,
): string {
  const item = (name: string, value: string): string =>
    `<tt:SimpleItem Name="${name}" Value="${escapeXml(value)}"/>`;
  const { credential } = fields;
  const token = credential == null ? "" : item("CredentialToken", String(credential));
  const [topic, data] = topicOf(event, fields);
  return (
    `<wsnt:NotificationMessage>` +
    `<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">tns1:AccessControl/${topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${new Date(camera.clock()).toISOString()}">` +
    `<tt:Source>${item("AccessPointToken", "point-1")}</tt:Source>` +
    `<tt:Data>${token}${data === undefined ? "" : item("Reason", data)}</tt:Data>` +
    `</tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}

function topicOf(
  event: EventName,
  { reason, result }: Readonly<Record<string, SampleValue>>,
): readonly [topic: string, reason?: string] {
  if (event === "Access/Passage") return ["AccessTaken/Credential"];
  if (event !== "Access/Swipe") throw new RangeError(`a door has no event ${event}`);
  if (result !== "refused") return ["AccessGranted/Credential"];
  if (reason === "duress") return ["Duress"];
  const said = Object.entries(DENIALS).find(([, each]) => each === reason)?.[0];
  return said === undefined ? ["Denied/CredentialNotFound/Card"] : ["Denied/Credential", said];
}
