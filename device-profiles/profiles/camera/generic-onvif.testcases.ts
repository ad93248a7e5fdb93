/**
 * Answers to PullMessages as the specifications and cameras write them, and the samples they must become.
 */
import { GOOD } from "../../vocabulary/index.ts";
import type { OnvifTestcase } from "../testcase.ts";

const RECEIVED_AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const HOUR_ms = 3_600_000;

/** The envelope of the example in ONVIF Core, clause 9.10.6, with its prefixes and white space. */
const pullMessagesResponse = (messages: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"
  xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:tet="http://www.onvif.org/ver10/events/wsdl"
  xmlns:tns1="http://www.onvif.org/ver10/topics" xmlns:tt="http://www.onvif.org/ver10/schema">
  <SOAP-ENV:Body>
    <tet:PullMessagesResponse>
      <tet:CurrentTime> 2026-09-01T00:00:10 </tet:CurrentTime>
      <tet:TerminationTime> 2026-09-01T00:02:10 </tet:TerminationTime>
      ${messages}
    </tet:PullMessagesResponse>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>`;

const message = (topic: string, attributes: string, data: string): string => `
      <wsnt:NotificationMessage>
        <wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">
          ${topic}
        </wsnt:Topic>
        <wsnt:Message>
          <tt:Message ${attributes}>
            <tt:Source><tt:SimpleItem Name="Source" Value="000"/></tt:Source>
            <tt:Key/>
            <tt:Data>${data}</tt:Data>
          </tt:Message>
        </wsnt:Message>
      </wsnt:NotificationMessage>`;

const item = (name: string, value: string): string => `<tt:SimpleItem Value="${value}" Name="${name}" />`;
const CHANGED = `PropertyOperation="Changed"`;

export const testcases: readonly OnvifTestcase[] = [
  {
    title: "Imaging, clause 5.5: motion, signal loss and tampering, each at its own time",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:VideoSource/MotionAlarm",
        `UtcTime="2026-09-01T00:00:08.321Z" ${CHANGED}`,
        item("State", "true"),
      ) +
        message(
          "tns1:VideoSource/SignalLoss",
          `UtcTime="2026-09-01T00:00:09Z" ${CHANGED}`,
          item("State", "1"),
        ) +
        message(
          "tns1:VideoSource/GlobalSceneChange/ImagingService",
          `UtcTime="2026-09-01T00:00:10Z" ${CHANGED}`,
          item("State", "false"),
        ),
    ),
    samples: [
      ["Motion/Active", true, GOOD, RECEIVED_AT - 1_679],
      ["Video/Loss", true, GOOD, RECEIVED_AT - 1_000],
      ["Video/Tamper", false, GOOD, RECEIVED_AT],
    ],
  },
  {
    title: "the cell motion detector of Analytics, annex B, and the tamper detector that vendors added",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:RuleEngine/CellMotionDetector/Motion",
        `UtcTime="2026-09-01T00:00:10Z" ${CHANGED}`,
        item("IsMotion", "true"),
      ) +
        message(
          "tns1:RuleEngine/TamperDetector/Tamper",
          `UtcTime="2026-09-01T00:00:10Z" ${CHANGED}`,
          item("IsTamper", "true"),
        ),
    ),
    samples: [
      ["Motion/Active", true, GOOD, RECEIVED_AT],
      ["Video/Tamper", true, GOOD, RECEIVED_AT],
    ],
  },
  {
    title: "a state told at the synchronisation point is true now, whenever it began",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:VideoSource/SignalLoss",
        `UtcTime="2026-08-01T00:00:00Z" PropertyOperation="Initialized"`,
        item("State", "true"),
      ),
    ),
    samples: [["Video/Loss", true, GOOD, RECEIVED_AT]],
  },
  {
    title: "a camera whose clock is 8 hours ahead is corrected by its measured offset",
    receivedAt: RECEIVED_AT,
    clockOffset_ms: 8 * HOUR_ms,
    document: pullMessagesResponse(
      message(
        "tns1:VideoSource/MotionAlarm",
        `UtcTime="2026-09-01T08:00:09Z" ${CHANGED}`,
        item("State", "true"),
      ),
    ),
    samples: [["Motion/Active", true, GOOD, RECEIVED_AT - 1_000]],
  },
  {
    title: "a time with the offset of Beijing is the same instant",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:VideoSource/MotionAlarm",
        `UtcTime="2026-09-01T08:00:09+08:00" ${CHANGED}`,
        item("State", "true"),
      ),
    ),
    samples: [["Motion/Active", true, GOOD, RECEIVED_AT - 1_000]],
  },
  {
    title:
      "local time sent as UTC, and 1970, are not believed: the receipt stands in and the quality says so",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:VideoSource/MotionAlarm",
        `UtcTime="2026-09-01T08:00:09" ${CHANGED}`,
        item("State", "true"),
      ) +
        message(
          "tns1:VideoSource/MotionAlarm",
          `UtcTime="1970-01-01T00:00:05Z" ${CHANGED}`,
          item("State", "false"),
        ),
    ),
    samples: [
      ["Motion/Active", true, { status: "uncertain", reason: "device-clock" }, RECEIVED_AT],
      ["Motion/Active", false, { status: "uncertain", reason: "device-clock" }, RECEIVED_AT],
    ],
  },
  {
    title: "no time, or none that can be read, is not replaced in silence",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message("tns1:VideoSource/MotionAlarm", CHANGED, item("State", "true")) +
        message("tns1:VideoSource/MotionAlarm", `UtcTime="now" ${CHANGED}`, item("State", "false")),
    ),
    samples: [
      ["Motion/Active", true, { status: "uncertain", reason: "no-event-time" }, RECEIVED_AT],
      ["Motion/Active", false, { status: "uncertain", reason: "no-event-time" }, RECEIVED_AT],
    ],
  },
  {
    title: "a value that is no truth value is bad; a property that is gone is not read",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:VideoSource/MotionAlarm",
        `UtcTime="2026-09-01T00:00:10Z" ${CHANGED}`,
        item("State", "maybe"),
      ) +
        message(
          "tns1:VideoSource/SignalLoss",
          `UtcTime="2026-09-01T00:00:10Z" PropertyOperation="Deleted"`,
          item("State", "true"),
        ),
    ),
    samples: [
      ["Motion/Active", null, { status: "bad", reason: "out-of-range" }, RECEIVED_AT],
      ["Video/Loss", null, { status: "bad", reason: "not-read" }, RECEIVED_AT],
    ],
  },
  {
    title: "a vendor's own prefixes, SOAP 1.1 and no white space say the same",
    receivedAt: RECEIVED_AT,
    document:
      `<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body><PullMessagesResponse>` +
      `<NotificationMessage><Topic>ns7:VideoSource/x:MotionAlarm</Topic><Message><Message ` +
      `UtcTime="2026-09-01T00:00:10Z" PropertyOperation="Changed"><Data><SimpleItem Name="State" Value="True"/></Data>` +
      `</Message></Message></NotificationMessage></PullMessagesResponse></E:Body></E:Envelope>`,
    samples: [["Motion/Active", true, GOOD, RECEIVED_AT]],
  },
  {
    title: "topics the profile does not know, messages without content, and no messages bring nothing",
    receivedAt: RECEIVED_AT,
    document: pullMessagesResponse(
      message(
        "tns1:RuleEngine/LineDetector/Crossed",
        `UtcTime="2008-10-10T12:24:57.321Z"`,
        item("ObjectId", "15"),
      ) +
        "<wsnt:NotificationMessage/>" +
        "<wsnt:NotificationMessage><wsnt:Topic>tns1:VideoSource/MotionAlarm</wsnt:Topic></wsnt:NotificationMessage>" +
        message("tns1:VideoSource/MotionAlarm", `UtcTime="2026-09-01T00:00:10Z" ${CHANGED}`, ""),
    ),
    samples: [],
  },
];
