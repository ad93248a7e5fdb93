/** From the `notify` section to desks, deadlines and channels. Meaning beyond shape is checked here. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { type DocumentProblem, type Locate, readSecretFile } from "@campus-ops/service";
import type { Priority } from "../api.ts";
import type { Calendar } from "../core/calendar.ts";
import type { Escalation, Staff, TellingKind } from "../core/people/escalation.ts";
import type { Language } from "../core/people/wording.ts";
import { parseDuration } from "../core/resolve.ts";
import type { RobotKind } from "./channels/robots.ts";

export type JsonScalar = string | number | boolean;

interface Common {
  readonly language?: Language;
  readonly perMinute?: number;
  readonly tells?: readonly TellingKind[];
}

interface Login {
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
}

export type ChannelDocument = Common &
  (
    | ({
        readonly kind: "mail";
        readonly url: string;
        readonly from: string;
        readonly to: readonly string[];
      } & Login)
    | { readonly kind: "webhook"; readonly url: string; readonly secretFile?: string }
    | { readonly kind: RobotKind; readonly urlFile: string; readonly secretFile?: string }
    | {
        readonly kind: "sms";
        readonly url: string;
        readonly method?: "POST" | "PUT";
        readonly contentType?: string;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body: string;
        readonly phones: readonly string[];
        readonly secretFile?: string;
        readonly success?: { readonly field: string; readonly equals: JsonScalar };
      }
    | ({ readonly kind: "mqtt"; readonly url: string; readonly topic: string } & Login)
    | {
        readonly kind: "device";
        readonly device: string;
        readonly metric: string;
        readonly on?: JsonScalar;
        readonly off?: JsonScalar;
      }
  );

interface StepDocument {
  readonly after: string;
  readonly desks: readonly string[];
}

export interface NotifyDocument {
  readonly console?: string;
  readonly channels: Readonly<Record<string, ChannelDocument>>;
  readonly desks: Readonly<
    Record<
      string,
      {
        readonly title: LocalText;
        readonly scope: readonly string[];
        readonly during?: string;
        readonly channels: readonly string[];
      }
    >
  >;
  readonly escalation: Readonly<Partial<Record<`${Priority}`, readonly StepDocument[]>>>;
}

/** What the files hold that a channel's document names. */
export interface ChannelSecrets {
  readonly secret?: string;
  readonly password?: string;
  readonly url?: string;
  readonly ca?: string;
}

export interface NotifyConfiguration {
  readonly console?: string;
  readonly channels: ReadonlyMap<
    string,
    { readonly document: ChannelDocument; readonly secrets: ChannelSecrets }
  >;
  readonly staff: Staff;
}

/** Adds what is wrong to `problems`; the answer is of use only when there are none. */
export function readNotify(
  document: NotifyDocument,
  calendar: Calendar,
  folder: string,
  locate: Locate,
  problems: DocumentProblem[],
): NotifyConfiguration {
  const wrong: Wrong = (field, message, zh) => void problems.push(locate(`notify.${field}`, message, zh));
  const channels = new Map(
    Object.entries(document.channels).map(([name, each]) => {
      const at: Wrong = (field, message, zh) => wrong(`channels.${name}.${field}`, message, zh);
      return [name, { document: each, secrets: readSecrets(each, folder, at) }] as const;
    }),
  );
  const desks = new Map(
    Object.entries(document.desks).map(([name, desk]) => {
      desk.channels.forEach((channel, index) => {
        if (!channels.has(channel))
          wrong(
            `desks.${name}.channels.${index}`,
            `no channel is called ${channel}; ${namesOf(channels).en}`,
            `没有名为“${channel}”的渠道；${namesOf(channels).zh}`,
          );
      });
      if (desk.during !== undefined && !calendar.windows.has(desk.during))
        wrong(
          `desks.${name}.during`,
          `the calendar has no window ${desk.during}; ${namesOf(calendar.windows).en}`,
          `校历中没有时段“${desk.during}”；${namesOf(calendar.windows).zh}`,
        );
      return [name, { id: name, ...desk }] as const;
    }),
  );
  const stepsOf = (priority: Priority): Escalation[Priority] => {
    const steps = (document.escalation[`${priority}`] ?? []).map(({ after, desks: ids }, index) => {
      for (const id of ids)
        if (!desks.has(id))
          wrong(
            `escalation.${priority}.${index}.desks`,
            `no desk is called ${id}; ${namesOf(desks).en}`,
            `没有名为“${id}”的值班台；${namesOf(desks).zh}`,
          );
      return { after_ms: parseDuration(after) ?? 0, desks: ids };
    });
    steps.forEach(({ after_ms }, index) => {
      if (index > 0 && after_ms < (steps[index - 1]?.after_ms ?? 0))
        wrong(
          `escalation.${priority}.${index}.after`,
          "must not come before the step above it",
          "不得早于上一级",
        );
    });
    return steps;
  };
  const escalation = { 1: stepsOf(1), 2: stepsOf(2), 3: stepsOf(3), 4: stepsOf(4) };
  return {
    ...(document.console === undefined ? {} : { console: document.console }),
    channels,
    staff: { desks, escalation, calendar },
  };
}

/** What is wrong, in English and in Chinese. */
type Wrong = (field: string, message: string, zh: string) => void;

function readSecrets(document: ChannelDocument, folder: string, wrong: Wrong): ChannelSecrets {
  const named = document as { [field in "secretFile" | "passwordFile" | "urlFile" | "caFile"]?: string };
  const secret = (field: "secretFile" | "passwordFile" | "urlFile"): string | undefined => {
    const name = named[field];
    if (name === undefined) return undefined;
    const read = readSecretFile(resolve(folder, name));
    if ("text" in read) return read.text;
    wrong(field, read.problem, `密钥文件不可用：${read.problem}`);
    return undefined;
  };
  const url = secret("urlFile");
  if (url !== undefined && !URL.canParse(url))
    wrong("urlFile", "does not hold an address", "文件内容不是网址");
  const values = { secret: secret("secretFile"), password: secret("passwordFile"), url, ca: authority() };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

  function authority(): string | undefined {
    if (named.caFile === undefined) return undefined;
    try {
      return readFileSync(resolve(folder, named.caFile), "utf8");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      wrong("caFile", `cannot be read (${code})`, `无法读取（${code}）`);
      return undefined;
    }
  }
}

function namesOf(names: { keys(): Iterable<string> }): LocalText {
  const all = [...names.keys()];
  return all.length === 0
    ? { zh: "目前一个也没有", en: "there are none" }
    : { zh: `已有 ${all.join("、")}`, en: `there are ${all.join(", ")}` };
}
