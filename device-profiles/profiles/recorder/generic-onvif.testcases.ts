import { GOOD } from "../../vocabulary/index.ts";
import type { OnvifTestcase } from "../testcase.ts";

const AT = Date.UTC(2026, 8, 1, 0, 0, 10);

const message = (topic: string, source: string, name: string, value: string): string =>
  `<wsnt:NotificationMessage><wsnt:Topic>tns1:${topic}</wsnt:Topic><wsnt:Message>` +
  `<tt:Message UtcTime="2026-09-01T00:00:08Z" PropertyOperation="Changed">` +
  `<tt:Source><tt:SimpleItem Name="${source}" Value="VideoSource_3"/><tt:SimpleItem Name="Rule" Value="MyRule"/></tt:Source>` +
  `<tt:Data><tt:SimpleItem Name="${name}" Value="${value}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`;

const answer = (messages: string): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" ` +
  `xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tns1="http://www.onvif.org/ver10/topics" ` +
  `xmlns:tev="http://www.onvif.org/ver10/events/wsdl"><s:Body><tev:PullMessagesResponse>${messages}` +
  `</tev:PullMessagesResponse></s:Body></s:Envelope>`;

export const testcases: readonly OnvifTestcase[] = [
  {
    title: "the source says which channel, whichever item names it",
    receivedAt: AT,
    document: answer(
      message("VideoSource/MotionAlarm", "Source", "State", "true") +
        message(
          "RuleEngine/CellMotionDetector/Motion",
          "VideoSourceConfigurationToken",
          "IsMotion",
          "false",
        ) +
        message("VideoSource/SignalLoss", "VideoSourceToken", "State", "true") +
        message("VideoSource/GlobalSceneChange/ImagingService", "Source", "State", "true"),
    ),
    samples: [
      ["Channel/3/Motion", true, GOOD, AT - 2_000],
      ["Channel/3/Motion", false, GOOD, AT - 2_000],
      ["Channel/3/Loss", true, GOOD, AT - 2_000],
      ["Channel/3/Tamper", true, GOOD, AT - 2_000],
    ],
  },
  {
    title: "a source that nobody knows is no channel",
    receivedAt: AT,
    document: answer(
      message("VideoSource/SignalLoss", "Source", "State", "true").replace("VideoSource_3", "VideoSource_9"),
    ),
    samples: [],
  },
];
