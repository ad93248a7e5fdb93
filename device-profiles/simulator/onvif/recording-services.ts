/** The recording, search and replay services of a simulated device of Profile G: one recording a video source. */
import { textAt } from "../../codecs/xml.ts";
import type { RecordedSpan } from "../rtsp/replay-server.ts";
import { type Camera, type Operation, SoapFaultError, videoSources } from "./operation.ts";

const RECORDING = 'xmlns:trc="http://www.onvif.org/ver10/recording/wsdl"';
const SEARCH = 'xmlns:tse="http://www.onvif.org/ver10/search/wsdl"';
const REPLAY = 'xmlns:trp="http://www.onvif.org/ver10/replay/wsdl"';
const DAY_ms = 86_400_000;

export const RECORDING_OPERATIONS: Readonly<Record<string, Operation>> = {
  GetRecordings(camera) {
    const items = videoSources(camera.profile).map(
      (source, i) =>
        `<trc:RecordingItem><tt:RecordingToken>recording-${i + 1}</tt:RecordingToken><tt:Configuration><tt:Source>` +
        `<tt:SourceId>${source}</tt:SourceId><tt:Name>channel ${i + 1}</tt:Name></tt:Source>` +
        `<tt:MaximumRetentionTime>PT0S</tt:MaximumRetentionTime></tt:Configuration></trc:RecordingItem>`,
    );
    return `<trc:GetRecordingsResponse ${RECORDING}>${items.join("")}</trc:GetRecordingsResponse>`;
  },
  GetRecordingInformation(camera, { operation }) {
    const token = textAt(operation, "RecordingToken") ?? "";
    const { active, earliest, latest } = recordingOf(camera, token) ?? noSuchRecording();
    return (
      `<tse:GetRecordingInformationResponse ${SEARCH}><tse:RecordingInformation>` +
      `<tt:RecordingToken>${token}</tt:RecordingToken><tt:EarliestRecording>${dateTime(earliest)}</tt:EarliestRecording>` +
      `<tt:LatestRecording>${dateTime(latest)}</tt:LatestRecording>` +
      `<tt:RecordingStatus>${active ? "Recording" : "Stopped"}</tt:RecordingStatus>` +
      `</tse:RecordingInformation></tse:GetRecordingInformationResponse>`
    );
  },
  GetReplayUri(camera, { operation }) {
    const token = textAt(operation, "RecordingToken") ?? "";
    const uri = recordingOf(camera, token) === undefined ? undefined : camera.replayUri(token);
    return `<trp:GetReplayUriResponse ${REPLAY}><trp:Uri>${uri ?? noSuchRecording()}</trp:Uri></trp:GetReplayUriResponse>`;
  },
};

/** What is kept of a recording, on the camera's clock; undefined for a token that is none. */
export function recordingOf(camera: Camera, token: string): (RecordedSpan & { active: boolean }) | undefined {
  const channel = /^recording-(\d+)$/.exec(token)?.[1];
  if (channel === undefined || Number(channel) > videoSources(camera.profile).length) return undefined;
  const [activity, kept] =
    camera.profile.recording === "device"
      ? ["Recording/Active", "Recording/KeptDays"]
      : [`Channel/${channel}/Recording`, `Channel/${channel}/KeptDays`];
  const active = camera.get(activity) === true;
  const now = camera.clock();
  const earliest = now - Number(camera.get(kept)) * DAY_ms;
  // One that records nothing now stopped yesterday.
  return { active, earliest, latest: active ? now : Math.max(earliest, now - DAY_ms) };
}

const dateTime = (at: number): string => new Date(at).toISOString();

function noSuchRecording(): never {
  throw new SoapFaultError(["ter:InvalidArgVal", "ter:InvalidToken"], "there is no such recording");
}
