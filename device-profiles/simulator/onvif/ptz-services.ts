/** The PTZ service of a simulated camera: a few presets, and a head that stands at one of them, or elsewhere. */
import { escapeXml, textAt } from "../../codecs/xml.ts";
import { type Operation, SoapFaultError } from "./operation.ts";

const PTZ = 'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"';

/** By token. */
export const PRESETS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  "1": [0, 0],
  A1: [-0.5, 0.25],
  B2: [-0.25, 0.5],
  gate: [0.75, -0.1],
};

const ELSEWHERE = [0.33, 0.33] as const;

const position = (name: string, [x, y]: readonly [number, number]): string =>
  `<tt:${name}><tt:PanTilt x="${x}" y="${y}"/><tt:Zoom x="0"/></tt:${name}>`;

export const PTZ_OPERATIONS: Readonly<Record<string, Operation>> = {
  GetPresets() {
    const presets = Object.entries(PRESETS).map(
      ([token, at]) =>
        `<tptz:Preset token="${escapeXml(token)}"><tt:Name>${token}</tt:Name>${position("PTZPosition", at)}</tptz:Preset>`,
    );
    return `<tptz:GetPresetsResponse ${PTZ}>${presets.join("")}</tptz:GetPresetsResponse>`;
  },
  GotoPreset(camera, { operation }) {
    const token = textAt(operation, "PresetToken") ?? "";
    if (!Object.hasOwn(PRESETS, token)) {
      throw new SoapFaultError(["ter:InvalidArgVal", "ter:NoToken"], "there is no such preset");
    }
    camera.obey(() => camera.set("PTZ/Preset", token));
    return `<tptz:GotoPresetResponse ${PTZ}/>`;
  },
  GetStatus(camera) {
    const at = PRESETS[String(camera.get("PTZ/Preset"))] ?? ELSEWHERE;
    return (
      `<tptz:GetStatusResponse ${PTZ}><tptz:PTZStatus>${position("Position", at)}` +
      `<tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>`
    );
  },
};
