/** The recording and search services of a simulated device of Profile G: one recording a video source. */
import { textAt } from "../../codecs/xml.ts";
import { type Camera, type Operation, SoapFaultError, videoSources } from "./operation.ts";

const RECORDING = 'xmlns:trc="http://www.onvif.org/ver10/recording/wsdl"';
const SEARCH = 'xmlns:tse="http://www.onvif.org/ver10/search/wsdl"';
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
    const channel = /^recording-(\d+)$/.exec(token)?.[1];
    if (channel === undefined) {
      throw new SoapFaultError(["ter:InvalidArgVal", "ter:InvalidToken"], "there is no such recording");
    }
    const { active, earliest } = recordingOf(camera, channel);
    return (
      `<tse:GetRecordingInformationResponse ${SEARCH}><tse:RecordingInformation>` +
      `<tt:RecordingToken>${token}</tt:RecordingToken><tt:EarliestRecording>${earliest}</tt:EarliestRecording>` +
      `<tt:RecordingStatus>${active ? "Recording" : "Stopped"}</tt:RecordingStatus>` +
      `</tse:RecordingInformation></tse:GetRecordingInformationResponse>`
    );
  },
};

function recordingOf(camera: Camera, channel: string): { active: boolean; earliest: string } {
  const [activity, kept] =
    camera.profile.recording === "device"
      ? ["Recording/Active", "Recording/KeptDays"]
      : [`Channel/${channel}/Recording`, `Channel/${channel}/KeptDays`];
  const earliest = new Date(camera.clock() - Number(camera.get(kept)) * DAY_ms).toISOString();
  return { active: camera.get(activity) === true, earliest };
}
