import fc from "fast-check";
import { expect, test } from "vitest";
import { parseProbe, parseProbeMatches, probeMatchesMessage, probeMessage } from "./ws-discovery.ts";

const MATCH = {
  addresses: ["http://127.0.0.1:8000/onvif/device_service"],
  types: ["NetworkVideoTransmitter"],
  scopes: { name: "南门 枪机", hardware: "DS-2CD2T45" },
};

test("what answers a probe is understood by who asked", () => {
  const id = parseProbe(probeMessage("7a1f"));
  expect(id).toBe("urn:uuid:7a1f");
  expect(parseProbeMatches(probeMatchesMessage(id ?? "", "2", MATCH))).toEqual([MATCH]);
});

test("an answer in other prefixes, with two addresses and scopes of others, as cameras send it", () => {
  const answer = `<?xml version="1.0" encoding="utf-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:tdn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">
<SOAP-ENV:Header><wsa:MessageID>uuid:1</wsa:MessageID></SOAP-ENV:Header><SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>
<wsa:EndpointReference><wsa:Address>urn:uuid:1</wsa:Address></wsa:EndpointReference>
<wsdd:Types>tdn:NetworkVideoTransmitter tds:Device</wsdd:Types>
<wsdd:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/IPC%20100 onvif://www.onvif.org/Profile/Streaming urn:other</wsdd:Scopes>
<wsdd:XAddrs>http://127.0.0.1/onvif/device_service http://[::1]/onvif/device_service</wsdd:XAddrs>
<wsdd:MetadataVersion>10</wsdd:MetadataVersion></wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  expect(parseProbeMatches(answer)).toEqual([
    {
      addresses: ["http://127.0.0.1/onvif/device_service", "http://[::1]/onvif/device_service"],
      types: ["NetworkVideoTransmitter", "Device"],
      scopes: { type: "video_encoder", name: "IPC 100", Profile: "Streaming" },
    },
  ]);
});

test("a printer that answers is no camera, and nonsense is nothing", () => {
  expect(
    parseProbeMatches(
      probeMatchesMessage("1", "2", { addresses: [], types: ["PrintDeviceType"], scopes: {} }),
    ),
  ).toEqual([]);
  expect(parseProbe(probeMatchesMessage("1", "2", MATCH))).toBeUndefined();
  fc.assert(
    fc.property(
      fc.string(),
      (text) => parseProbeMatches(text).length === 0 && parseProbe(text) === undefined,
    ),
  );
});
