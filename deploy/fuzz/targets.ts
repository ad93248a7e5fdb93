/**
 * Whatever takes bytes from a wire: for each, examples of what it should take, what it does with bytes, and the only
 * errors it may throw. What a device, a file or a stranger sends is never trusted to be what it should be.
 */
import { JournalDecoder } from "@campus-ops/broker/journal";
import {
  decodePayload as decodeSparkplug,
  encodePayload as encodeSparkplug,
} from "@campus-ops/broker/sparkplug";
import { Cjt188Splitter, encodeCjt188 } from "@campus-ops/device-profiles/codecs/cjt188";
import { CsvError, parseCsv } from "@campus-ops/device-profiles/codecs/csv";
import * as dahua from "@campus-ops/device-profiles/codecs/dahua";
import { Dlt645Splitter, encodeDlt645 } from "@campus-ops/device-profiles/codecs/dlt645";
import { parseServiceRecords, serviceQuery } from "@campus-ops/device-profiles/codecs/dns-sd";
import { encodeFireFrame, Gbt26875Splitter } from "@campus-ops/device-profiles/codecs/gbt26875-frame";
import { FireObjectError, parseFireObjects } from "@campus-ops/device-profiles/codecs/gbt26875-objects";
import * as isapi from "@campus-ops/device-profiles/codecs/isapi";
import { MalformedDocumentError, parseIsapi } from "@campus-ops/device-profiles/codecs/isapi-document";
import { encodeFrame as encodeJt808, Jt808Splitter } from "@campus-ops/device-profiles/codecs/jt808-frame";
import * as jt808 from "@campus-ops/device-profiles/codecs/jt808-messages";
import { encodeMbap, MbapSplitter } from "@campus-ops/device-profiles/codecs/mbap";
import {
  encodeRequest,
  ModbusFrameError,
  type ModbusRequest,
  parseRequest,
  parseResponse,
} from "@campus-ops/device-profiles/codecs/modbus-pdu";
import {
  encodeRtu,
  findRtuResponse,
  RtuRequestSplitter,
} from "@campus-ops/device-profiles/codecs/modbus-rtu";
import { MultipartParser } from "@campus-ops/device-profiles/codecs/multipart";
import * as onvif from "@campus-ops/device-profiles/codecs/onvif-responses";
import * as onvifServices from "@campus-ops/device-profiles/codecs/onvif-services";
import { encodeFrame as encodeOsdp, findFrame } from "@campus-ops/device-profiles/codecs/osdp-frame";
import * as pjlink from "@campus-ops/device-profiles/codecs/pjlink";
import { ProtobufError, protobufMessage } from "@campus-ops/device-profiles/codecs/protobuf";
import { parseProbeMatches } from "@campus-ops/device-profiles/codecs/ws-discovery";
import { MalformedXmlError, parseXml } from "@campus-ops/device-profiles/codecs/xml";
import { CampusId, DataType, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { PacketGuard } from "../../broker/server/packet-guard.ts";
import { readSeed } from "../../edge-agent/core/seed.ts";

export interface FuzzTarget {
  readonly name: string;
  readonly examples: readonly Uint8Array[];
  /** Of the cases that each target gets; 1 unless said. Documents take a thousand times as long as frames. */
  readonly share?: number;
  /** Throws for a defect: an error that is none of `errors`, or an answer that contradicts itself. */
  readonly feed: (bytes: Uint8Array) => void;
  readonly errors: readonly (new (...args: never[]) => Error)[];
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder("utf-8").decode(bytes);
const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits.replaceAll(" ", ""), "hex"));

const PAYLOAD = encodeSparkplug({
  timestamp: 1_000,
  seq: 3,
  metrics: [
    { name: "Door/Open", alias: 7, timestamp: 990, datatype: DataType.Boolean, value: true },
    { name: "Air/CO2", timestamp: 990, datatype: DataType.Double, value: 812.5 },
    { name: "Port/1/InOctets", timestamp: 990, datatype: DataType.UInt64, value: 123_456_789 },
    { name: "Text", timestamp: 990, datatype: DataType.String, value: "教室" },
  ],
});

const READ: ModbusRequest = { operation: "read", table: "holding", pduAddress: 0, quantity: 4 };

const NOTIFICATION = `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"
 xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body><tev:PullMessagesResponse>
 <tev:CurrentTime>2026-09-01T00:00:00Z</tev:CurrentTime><tev:TerminationTime>2026-09-01T00:01:00Z</tev:TerminationTime>
 <wsnt:NotificationMessage><wsnt:Topic>tns1:VideoSource/MotionAlarm</wsnt:Topic><wsnt:Message>
 <tt:Message UtcTime="2026-09-01T00:00:00Z" PropertyOperation="Changed"><tt:Source><tt:SimpleItem Name="Source"
 Value="v1"/></tt:Source><tt:Data><tt:SimpleItem Name="State" Value="true"/></tt:Data></tt:Message></wsnt:Message>
 </wsnt:NotificationMessage></tev:PullMessagesResponse></s:Body></s:Envelope>`;

const ALERT = `<EventNotificationAlert><ipAddress>192.0.2.1</ipAddress><channelID>1</channelID>
<dateTime>2026-09-01T08:00:00+08:00</dateTime><eventType>videoloss</eventType><eventState>active</eventState>
</EventNotificationAlert>`;

const SWIPES = `{"AcsEvent":{"searchID":"1","totalMatches":1,"responseStatusStrg":"OK","numOfMatches":1,"InfoList":[
{"major":5,"minor":75,"time":"2026-09-01T08:00:00+08:00","cardNo":"1234567890","serialNo":7,"doorNo":1}]}}`;

const BOUNDARY = "multipart/x-mixed-replace; boundary=frame";
const STREAM = `--frame\r\nContent-Type: application/xml\r\nContent-Length: ${ALERT.length}\r\n\r\n${ALERT}\r\n--frame\r\n`;

const TABLE =
  "Code=VideoMotion;action=Start;index=0;data={}\r\nfound=1\r\nrecords[0].CardNo=1234\r\nrecords[0].RecNo=5\r\n";

const address = { campus: CampusId("school"), node: NodeId("box"), device: DeviceId("gate") };

export const WIRE_TARGETS: readonly FuzzTarget[] = [
  {
    name: "Sparkplug payload",
    examples: [PAYLOAD],
    errors: [],
    feed: (bytes) => {
      const decoded = decodeSparkplug(bytes);
      if (decoded.ok && !decodeSparkplug(encodeSparkplug(decoded.payload)).ok)
        throw new Error("what was decoded does not encode to something that decodes");
    },
  },
  {
    name: "journal entry",
    examples: [PAYLOAD],
    errors: [],
    feed: (payload) => {
      const decoder = new JournalDecoder();
      for (const kind of ["NBIRTH", "DBIRTH", "DDATA"] as const) {
        const of = kind === "NBIRTH" ? { campus: address.campus, node: address.node } : address;
        decoder.decode({ seq: 1, kind, address: of, receivedAt: 1_000, payload });
      }
    },
  },
  {
    name: "MQTT framing",
    examples: [hex("101000044d51545404c2003c000462 6f782d 0000"), hex("30050003612f6278")],
    errors: [],
    feed: (bytes) => void new PacketGuard().inspect(bytes),
  },
  {
    name: "Modbus TCP",
    examples: [
      encodeMbap({ transaction: 1, unit: 1, pdu: encodeRequest(READ) }),
      encodeMbap({ transaction: 1, unit: 1, pdu: hex("0308 0001 0002 0003 0004") }),
    ],
    errors: [ModbusFrameError],
    feed: (bytes) => {
      for (const { pdu } of new MbapSplitter().push(bytes)) {
        parseRequest(pdu);
        parseResponse(READ, pdu);
      }
    },
  },
  {
    name: "Modbus RTU",
    examples: [encodeRtu(1, encodeRequest(READ)), encodeRtu(1, hex("0308 0001 0002 0003 0004"))],
    errors: [ModbusFrameError],
    feed: (bytes) => {
      new RtuRequestSplitter().push(bytes);
      const pdu = findRtuResponse(bytes, 1, READ);
      if (pdu !== undefined) parseResponse(READ, pdu);
    },
  },
  {
    name: "PJLink",
    examples: ["%1POWR=1\r", "%2LKUP=00:11:22:33:44:55\r", "PJLINK 1 498e4a67\r", "%1LAMP=100 1 200 0\r"].map(
      utf8,
    ),
    errors: [pjlink.PjlinkFrameError],
    feed: (bytes) => {
      for (const line of each(() => new pjlink.LineSplitter().push(bytes), pjlink.PjlinkFrameError)) {
        for (const parse of [
          pjlink.parseGreeting,
          pjlink.parseCommand,
          pjlink.parseResponse,
          pjlink.parseLamps,
        ])
          each(() => [parse(line)], pjlink.PjlinkFrameError);
      }
    },
  },
  {
    name: "OSDP",
    examples: [
      encodeOsdp({ address: 0, isReply: true, sequence: 1, code: 0x50, data: hex("0000 1a00 1234567a") }),
    ],
    errors: [],
    feed: (bytes) => {
      for (let from = 0; from < bytes.length; ) {
        const found = findFrame(bytes.subarray(from));
        if (found === undefined) break;
        if (found.end <= 0) throw new Error("no progress");
        from += found.end;
      }
    },
  },
  {
    name: "DL/T 645",
    examples: [encodeDlt645({ address: "000000000012", control: 0x91, data: hex("00010000 78563412") })],
    errors: [],
    feed: (bytes) => void new Dlt645Splitter().push(bytes),
  },
  {
    name: "CJ/T 188",
    examples: [
      encodeCjt188({
        meterType: 0x10,
        address: "78330011223344",
        control: 0x81,
        data: hex("1f9000 007766552c"),
      }),
    ],
    errors: [],
    feed: (bytes) => void new Cjt188Splitter().push(bytes),
  },
  {
    name: "JT/T 808",
    examples: [
      encodeJt808({
        message: 0x0200,
        phone: "013800001111",
        serial: 1,
        edition: 2019,
        body: new Uint8Array(28),
      }),
      encodeJt808({
        message: 0x0100,
        phone: "013800001111",
        serial: 2,
        edition: 2013,
        body: new Uint8Array(40),
      }),
      encodeJt808({
        message: 0x0704,
        phone: "013800001111",
        serial: 3,
        edition: 2019,
        body: hex("000101001c"),
      }),
    ],
    errors: [],
    feed: (bytes) => {
      for (const { body, edition } of new Jt808Splitter().push(bytes)) {
        for (const parse of [
          () => jt808.parseRegistration(body, edition),
          () => jt808.parseAuthentication(body, edition),
          () => jt808.parseAnswer(body),
          () => jt808.parseLocation(body),
          () => jt808.parseLocationBatch(body),
          () => jt808.parseDriverCard(body),
        ])
          each(() => [parse()], jt808.Jt808BodyError);
      }
    },
  },
  {
    name: "GB/T 26875.3",
    examples: [
      encodeFireFrame({
        serial: 1,
        version: [1, 1],
        sentAt: undefined,
        source: "010203040506",
        destination: "000000000000",
        command: 2,
        data: hex("0201 01 01 02 0000 0102 010203 000a 1e0f0c 0107 1a"),
      }),
    ],
    errors: [],
    feed: (bytes) => {
      for (const { data } of new Gbt26875Splitter().push(bytes))
        each(() => parseFireObjects(data), FireObjectError);
      each(() => parseFireObjects(bytes), FireObjectError);
    },
  },
  {
    name: "XML and ONVIF",
    examples: [NOTIFICATION, ALERT].map(utf8),
    errors: [MalformedXmlError],
    feed: (bytes) => {
      const body = parseXml(text(bytes));
      onvif.parseSoap(text(bytes));
      for (const parse of [
        onvif.parseSystemDateAndTime,
        onvif.parseDeviceInformation,
        onvif.parseCapabilities,
        onvif.parseSubscription,
        onvif.parsePullMessages,
        onvifServices.parseServices,
        onvifServices.parseMediaProfiles,
        onvifServices.parseRecordings,
        onvifServices.parseDoorState,
      ])
        parse(body);
    },
  },
  {
    name: "ISAPI",
    examples: [ALERT, SWIPES].map(utf8),
    errors: [MalformedDocumentError],
    feed: (bytes) => {
      const document = parseIsapi(bytes);
      isapi.parseAlert(document);
      isapi.parseAcsEvents(document);
      isapi.parseDeviceInfo(document);
      isapi.parseTime(document);
      isapi.parseWorkStatus(document, 1);
      isapi.parseStorage(document);
      isapi.parseChannelStatus(document);
      isapi.parseResponseStatus(document);
    },
  },
  {
    name: "multipart stream",
    examples: [utf8(STREAM)],
    errors: [],
    feed: (bytes) => void new MultipartParser(BOUNDARY).push(bytes),
  },
  {
    name: "Dahua",
    examples: [utf8(TABLE)],
    errors: [],
    feed: (bytes) => {
      dahua.parseEvent(bytes);
      const table = dahua.parseTable(bytes);
      dahua.parseIndexes(table);
      dahua.parseAccessRecords(table);
    },
  },
  {
    name: "discovery",
    examples: [utf8(NOTIFICATION), serviceQuery(["_http._tcp.local"])],
    errors: [],
    feed: (bytes) => {
      parseProbeMatches(text(bytes));
      parseServiceRecords(bytes);
    },
  },
  {
    name: "protobuf",
    examples: [PAYLOAD],
    errors: [ProtobufError],
    feed: (bytes) => void protobufMessage(bytes),
  },
  {
    name: "CSV",
    examples: [utf8('room,lesson\r\n"201, 东",3\r\n')],
    errors: [CsvError],
    feed: (bytes) => void parseCsv(text(bytes)),
  },
  {
    name: "seed of a box",
    examples: [utf8("hub=https://hub.school:8443\r\ncampus=school\nbox=box-1\n令牌：AAAA-BBBB\n")],
    errors: [],
    feed: (bytes) => void readSeed(bytes),
  },
];

/** What `work` gives, or nothing when it throws the error that it may. */
function each<T>(work: () => readonly T[], error: new (...args: never[]) => Error): readonly T[] {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof error) return [];
    throw thrown;
  }
}
