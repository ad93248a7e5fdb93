/** What ONVIF devices have beside media and events: presets, recordings and their replay, doors. Requests, and their answers read. */
import type { Timestamp } from "../vocabulary/index.ts";
import { parseDateTime } from "./iso-time.ts";
import { NAMESPACES, type OnvifRequest } from "./onvif-requests.ts";
import { childrenNamed, descend, escapeXml, textAt, type XmlElement } from "./xml.ts";

/** Of the services by which GetServices tells their addresses. */
export const SERVICE_NAMESPACES = {
  media: NAMESPACES.media,
  events: NAMESPACES.events,
  ptz: "http://www.onvif.org/ver20/ptz/wsdl",
  recording: "http://www.onvif.org/ver10/recording/wsdl",
  search: "http://www.onvif.org/ver10/search/wsdl",
  replay: "http://www.onvif.org/ver10/replay/wsdl",
  doorControl: "http://www.onvif.org/ver10/doorcontrol/wsdl",
} as const;

export type ServiceName = keyof typeof SERVICE_NAMESPACES;

function operation(namespace: string, name: string, content = ""): OnvifRequest {
  return { action: `${namespace}/${name}`, body: `<${name} xmlns="${namespace}">${content}</${name}>` };
}

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;

export const getServices = operation(
  NAMESPACES.device,
  "GetServices",
  "<IncludeCapability>false</IncludeCapability>",
);

/** The address of each service that the device names. */
export function parseServices(body: XmlElement): ReadonlyMap<ServiceName, string> {
  const addresses = new Map<ServiceName, string>();
  for (const service of childrenNamed(descend(body, "GetServicesResponse"), "Service")) {
    const namespace = textAt(service, "Namespace");
    const address = textAt(service, "XAddr");
    for (const [name, known] of Object.entries(SERVICE_NAMESPACES) as [ServiceName, string][]) {
      if (known === namespace && address !== undefined) addresses.set(name, address);
    }
  }
  return addresses;
}

/** A media profile, and where its picture comes from. */
export interface MediaProfile {
  readonly token: string;
  readonly sourceToken: string | undefined;
  readonly configurationToken: string | undefined;
}

export function parseMediaProfiles(body: XmlElement): readonly MediaProfile[] {
  return childrenNamed(descend(body, "GetProfilesResponse"), "Profiles").flatMap((profile) => {
    const { token } = profile.attributes;
    const configuration = descend(profile, "VideoSourceConfiguration");
    return token === undefined
      ? []
      : [
          {
            token,
            sourceToken: textAt(configuration, "SourceToken"),
            configurationToken: configuration?.attributes.token,
          },
        ];
  });
}

/** Pan and tilt; undefined where the device does not tell. */
export interface PtzPosition {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface PtzPreset {
  readonly token: string;
  readonly position: PtzPosition | undefined;
}

export const getPresets = (profile: string): OnvifRequest =>
  operation(SERVICE_NAMESPACES.ptz, "GetPresets", element("ProfileToken", profile));

export const gotoPreset = (profile: string, preset: string): OnvifRequest =>
  operation(
    SERVICE_NAMESPACES.ptz,
    "GotoPreset",
    element("ProfileToken", profile) + element("PresetToken", preset),
  );

export const getPtzStatus = (profile: string): OnvifRequest =>
  operation(SERVICE_NAMESPACES.ptz, "GetStatus", element("ProfileToken", profile));

export function parsePresets(body: XmlElement): readonly PtzPreset[] {
  return childrenNamed(descend(body, "GetPresetsResponse"), "Preset").flatMap((preset) => {
    const { token } = preset.attributes;
    const position = positionOf(descend(preset, "PTZPosition"));
    return token === undefined ? [] : [{ token, position }];
  });
}

export function parsePtzPosition(body: XmlElement): PtzPosition | undefined {
  return positionOf(descend(body, "GetStatusResponse", "PTZStatus", "Position"));
}

function positionOf(node: XmlElement | undefined): PtzPosition | undefined {
  const pan = descend(node, "PanTilt")?.attributes;
  const x = Number(pan?.x ?? Number.NaN);
  const y = Number(pan?.y ?? Number.NaN);
  const zoom = Number(descend(node, "Zoom")?.attributes.x ?? 0);
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(zoom) ? { x, y, zoom } : undefined;
}

/** A recording, and the media profile or source that it is made of. */
export interface RecordingItem {
  readonly token: string;
  readonly sourceId: string | undefined;
}

export const getRecordings = operation(SERVICE_NAMESPACES.recording, "GetRecordings");

export function parseRecordings(body: XmlElement): readonly RecordingItem[] {
  return childrenNamed(descend(body, "GetRecordingsResponse"), "RecordingItem").flatMap((item) => {
    const token = textAt(item, "RecordingToken");
    const sourceId = textAt(item, "Configuration", "Source", "SourceId");
    return token === undefined ? [] : [{ token, sourceId }];
  });
}

export const getRecordingInformation = (token: string): OnvifRequest =>
  operation(SERVICE_NAMESPACES.search, "GetRecordingInformation", element("RecordingToken", token));

export interface RecordingInformation {
  /** On the device's clock. */
  readonly earliest: Timestamp | undefined;
  /** `Initiated`, `Recording`, `Stopped`, `Removing`, `Removed`, `Unknown`. */
  readonly status: string | undefined;
}

export function parseRecordingInformation(body: XmlElement): RecordingInformation | undefined {
  const information = descend(body, "GetRecordingInformationResponse", "RecordingInformation");
  if (information === undefined) return undefined;
  return {
    earliest: parseDateTime(textAt(information, "EarliestRecording") ?? ""),
    status: textAt(information, "RecordingStatus"),
  };
}

/** ONVIF Replay Control, clause 5.2: where a recording is played, over the connection itself. */
export const getReplayUri = (recording: string): OnvifRequest =>
  operation(
    SERVICE_NAMESPACES.replay,
    "GetReplayUri",
    `<StreamSetup><Stream xmlns="${NAMESPACES.schema}">RTP-Unicast</Stream>` +
      `<Transport xmlns="${NAMESPACES.schema}"><Protocol>RTSP</Protocol></Transport></StreamSetup>` +
      element("RecordingToken", recording),
  );

export function parseReplayUri(body: XmlElement): string | undefined {
  return textAt(descend(body, "GetReplayUriResponse"), "Uri");
}

export const getDoorInfoList = operation(SERVICE_NAMESPACES.doorControl, "GetDoorInfoList");

export function parseDoorTokens(body: XmlElement): readonly string[] {
  const doors = childrenNamed(descend(body, "GetDoorInfoListResponse"), "DoorInfo");
  return doors.flatMap(({ attributes }) => attributes.token ?? []);
}

/** ONVIF Door Control, clause 5.3. */
export const DOOR_OPERATIONS = [
  "AccessDoor",
  "LockDoor",
  "UnlockDoor",
  "LockDownDoor",
  "LockDownReleaseDoor",
] as const;
export type DoorOperation = (typeof DOOR_OPERATIONS)[number];

export const doorOperation = (name: DoorOperation, door: string): OnvifRequest =>
  operation(SERVICE_NAMESPACES.doorControl, name, element("Token", door));

export const getDoorState = (door: string): OnvifRequest =>
  operation(SERVICE_NAMESPACES.doorControl, "GetDoorState", element("Token", door));

/** The parts of a door's state by the names that its topics have. */
export function parseDoorState(body: XmlElement): ReadonlyMap<string, string> | undefined {
  const state = descend(body, "GetDoorStateResponse", "DoorState");
  if (state === undefined) return undefined;
  const parts: readonly (readonly [string, string | undefined])[] = [
    ["DoorPhysicalState", textAt(state, "DoorPhysicalState")],
    ["LockPhysicalState", textAt(state, "LockPhysicalState")],
    ["DoorMode", textAt(state, "DoorMode")],
    ["DoorAlarm", textAt(state, "Alarm")],
    ["DoorTamper", textAt(state, "Tamper", "State")],
  ];
  return new Map(parts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])));
}
