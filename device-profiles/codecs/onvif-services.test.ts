import { expect, test } from "vitest";
import { parseSoap } from "./onvif-responses.ts";
import {
  gotoPreset,
  parseDoorState,
  parsePresets,
  parsePtzPosition,
  parseRecordingInformation,
  parseServices,
} from "./onvif-services.ts";
import type { XmlElement } from "./xml.ts";

function bodyOf(content: string): XmlElement {
  const answer = parseSoap(`<Envelope><Body>${content}</Body></Envelope>`);
  if (answer?.kind !== "body") throw new Error("no body");
  return answer.body;
}

test("services are known by their namespace; others, and those without an address, are left out", () => {
  const service = (namespace: string, address: string): string =>
    `<Service><Namespace>${namespace}</Namespace><XAddr>${address}</XAddr></Service>`;
  const body = bodyOf(
    `<GetServicesResponse>${service("http://www.onvif.org/ver20/ptz/wsdl", "http://192.0.2.1/ptz")}` +
      `${service("http://www.onvif.org/ver10/search/wsdl", "")}${service("urn:vendor", "http://192.0.2.1/x")}</GetServicesResponse>`,
  );
  expect([...parseServices(body)]).toEqual([["ptz", "http://192.0.2.1/ptz"]]);
  expect(parseServices(bodyOf("<Other/>")).size).toBe(0);
});

test("a preset without a position is a preset; a position that is no number is none", () => {
  const body = bodyOf(
    `<GetPresetsResponse><Preset token="1"><PTZPosition><PanTilt x="0.5" y="-1"/></PTZPosition></Preset>` +
      `<Preset token="02"/><Preset/></GetPresetsResponse>`,
  );
  expect(parsePresets(body)).toEqual([
    { token: "1", position: { x: 0.5, y: -1, zoom: 0 } },
    { token: "02", position: undefined },
  ]);
  const status = (x: string): XmlElement =>
    bodyOf(
      `<GetStatusResponse><PTZStatus><Position><PanTilt x="${x}" y="0"/></Position></PTZStatus></GetStatusResponse>`,
    );
  expect(parsePtzPosition(status("0.25"))?.x).toBe(0.25);
  expect(parsePtzPosition(status("left"))).toBeUndefined();
});

test("a token with signs of XML in it stays one token", () => {
  expect(gotoPreset("a", `1"<&>`).body).toContain("<PresetToken>1&quot;&lt;&amp;&gt;</PresetToken>");
});

test("what a recording and a door do not say is undefined", () => {
  const information = bodyOf(
    "<GetRecordingInformationResponse><RecordingInformation/></GetRecordingInformationResponse>",
  );
  expect(parseRecordingInformation(information)).toEqual({ earliest: undefined, status: undefined });
  expect(parseRecordingInformation(bodyOf("<Other/>"))).toBeUndefined();
  const door = bodyOf(
    "<GetDoorStateResponse><DoorState><DoorMode>Locked</DoorMode></DoorState></GetDoorStateResponse>",
  );
  expect([...(parseDoorState(door) ?? [])]).toEqual([["DoorMode", "Locked"]]);
  expect(parseDoorState(bodyOf("<Other/>"))).toBeUndefined();
});
