/** What a message says. Of a person it says nothing: who needs that reads it in the console, under a role. */
import { eventDefinition, type LocalText, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { EvidenceSample, Priority } from "../../api.ts";
import type { AlarmRecord } from "../view.ts";
import type { TellingKind } from "./escalation.ts";

export type Language = keyof LocalText;

/** One thing to tell, reduced to what may leave the hub. */
export interface Notice {
  readonly kind: TellingKind | "test";
  readonly alarm: string;
  readonly occurrence: number;
  readonly rule: string;
  readonly priority: Priority;
  readonly state: string;
  readonly title: LocalText;
  readonly device: {
    readonly key: string;
    readonly title: LocalText;
    readonly path: string;
    readonly campus: string;
  };
  readonly place: LocalText;
  readonly raisedAt: Timestamp;
  readonly late: boolean;
  /** Part of a drill: said first, wherever it is told. */
  readonly drill?: boolean;
  readonly symptoms: number;
  /** Left out where it rests on a person's data. */
  readonly explanation?: LocalText;
  readonly action: LocalText;
}

export const PRIORITY_WORDS: Readonly<Record<Priority, LocalText>> = {
  1: { zh: "红色", en: "RED" },
  2: { zh: "橙色", en: "ORANGE" },
  3: { zh: "黄色", en: "YELLOW" },
  4: { zh: "蓝色", en: "BLUE" },
};

const DRILL_WORD: LocalText = { zh: "【演练】", en: "[DRILL] " };

const KIND_WORDS: Readonly<Record<Notice["kind"], LocalText>> = {
  raised: { zh: "报警", en: "Alarm" },
  escalated: { zh: "升级：至今无人确认", en: "Escalated: nobody has acknowledged it" },
  settled: { zh: "已不需处理", en: "Settled" },
  test: { zh: "通道测试", en: "Test of this channel" },
};

/** Why nobody has to answer any more, by the state that the alarm went to. */
const SETTLED_WORDS: Readonly<Record<string, LocalText>> = {
  acknowledged: { zh: "已确认", en: "Acknowledged" },
  latched: { zh: "已确认", en: "Acknowledged" },
  normal: { zh: "已恢复", en: "Back to normal" },
  "returned-unacknowledged": { zh: "已恢复，未确认", en: "Back to normal, not acknowledged" },
  shelved: { zh: "已搁置", en: "Shelved" },
  "suppressed-by-design": { zh: "已归入根因", en: "Now a symptom of another alarm" },
  "out-of-service": { zh: "已停用", en: "Out of service" },
};

const kindWord = ({ kind, state }: Notice): LocalText =>
  (kind === "settled" ? SETTLED_WORDS[state] : undefined) ?? KIND_WORDS[kind];

export function noticeOf(record: AlarmRecord, kind: TellingKind, place: LocalText): Notice {
  const { id, occurrence, rule, priority, state, title, device, raisedAt, late, symptoms, card } = record;
  return {
    kind,
    alarm: id,
    occurrence,
    rule,
    priority,
    state,
    title,
    device: { key: device.key, title: device.title, path: device.path, campus: device.campus },
    place,
    raisedAt,
    late: late === true,
    ...(record.drill === undefined ? {} : { drill: true }),
    symptoms,
    ...(record.evidence.some(concernsPerson) ? {} : { explanation: record.explanation }),
    action: card.action,
  };
}

function concernsPerson({ name, fields }: EvidenceSample): boolean {
  const definitions = eventDefinition(name)?.fields ?? {};
  return Object.entries(fields ?? {}).some(
    ([field, value]) => value !== null && definitions[field]?.personal === true,
  );
}

export interface Wording {
  /** One line. */
  readonly subject: string;
  /** Some lines, for a person, without markup. */
  readonly text: string;
}

/** `time` shows a moment in the site's own time; `link` leads to the alarm in the console. */
export function wording(
  notices: readonly Notice[],
  language: Language,
  time: (at: Timestamp) => string,
  link: (notice: Notice) => string | undefined,
): Wording {
  const [first] = notices;
  if (first === undefined) return { subject: "", text: "" };
  if (notices.length === 1) return single(first, language, time, link);
  const zh = language === "zh";
  const subject = zh ? `${notices.length} 条一般报警` : `${notices.length} alarms of low priority`;
  return {
    subject,
    text: [subject, ...notices.map((notice) => headline(notice, language, time))].join("\n"),
  };
}

function headline(notice: Notice, language: Language, time: (at: Timestamp) => string): string {
  const { priority, title, place, device, raisedAt } = notice;
  const colour = PRIORITY_WORDS[priority][language];
  const where = [place[language], device.title[language]].filter((each) => each !== "").join(" · ");
  const drill = notice.drill === true ? DRILL_WORD[language] : "";
  const what = notice.kind === "raised" ? undefined : kindWord(notice)[language];
  return language === "zh"
    ? `${drill}【${colour} ${priority}】${what === undefined ? "" : `${what}｜`}${title.zh}｜${where}｜${time(raisedAt)}`
    : `${drill}[${colour} ${priority}] ${what === undefined ? "" : `${what}: `}${title.en} | ${where} | ${time(raisedAt)}`;
}

function single(
  notice: Notice,
  language: Language,
  time: (at: Timestamp) => string,
  link: (notice: Notice) => string | undefined,
): Wording {
  const zh = language === "zh";
  const subject = headline(notice, language, time);
  const { explanation, action, symptoms, late, kind } = notice;
  const lines = [subject];
  if (explanation !== undefined) lines.push(explanation[language]);
  if (symptoms > 0)
    lines.push(zh ? `另有 ${symptoms} 条受其影响的报警。` : `${symptoms} other alarms follow from it.`);
  if (late)
    lines.push(zh ? "边缘盒曾离线，此事发生在之前。" : "The edge box was away: this happened before now.");
  if (kind !== "settled") lines.push(`${zh ? "处置：" : "To do: "}${action[language]}`);
  const address = link(notice);
  if (address !== undefined) lines.push(address);
  return { subject, text: lines.join("\n") };
}
