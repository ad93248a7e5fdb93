import type { DocumentProblem } from "@campus-ops/service";
import { expect, test } from "vitest";
import { readCalendar } from "../calendar/document.ts";
import { type NotifyDocument, readNotify } from "./configuration.ts";

const calendar = readCalendar("calendar.yaml", "terms: [2026-09-01 to 2027-01-20]\n");
const locate = (field: string, message: string, zh: string): DocumentProblem => ({
  file: "hub.yaml",
  line: 1,
  field,
  message,
  zh,
});

test("what desks and steps name and nobody knows is said in both languages, with what there is", () => {
  const document = {
    channels: { mail: { kind: "mqtt", url: "mqtt://127.0.0.1", topic: "alarms" } },
    desks: { gate: { title: { zh: "门卫", en: "gate" }, at: [], channels: ["sms"], during: "siesta" } },
    escalation: {
      "1": [
        { after: "5m", desks: ["gate"] },
        { after: "1m", desks: ["leader"] },
      ],
    },
  } as unknown as NotifyDocument;
  const problems: DocumentProblem[] = [];
  readNotify(document, calendar, "/nowhere", locate, problems);
  expect(
    problems.map(({ field, message, zh }) => [field, message.split(";")[0], zh?.split("；")[0]]),
  ).toEqual([
    ["notify.desks.gate.channels.0", "no channel is called sms", "没有名为“sms”的渠道"],
    ["notify.desks.gate.during", "the calendar has no window siesta", "校历中没有时段“siesta”"],
    ["notify.escalation.1.1.desks", "no desk is called leader", "没有名为“leader”的值班台"],
    ["notify.escalation.1.1.after", "must not come before the step above it", "不得早于上一级"],
  ]);
  expect(problems[0]?.zh).toContain("已有 mail");
});
