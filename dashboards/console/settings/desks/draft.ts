/** The section `notify` while it is edited: as it is written, with what is not there as empty. */
import type { NotifyDocument } from "@campus-ops/rules/api";

export const PRIORITIES = ["1", "2", "3", "4"] as const;
export type PriorityKey = (typeof PRIORITIES)[number];

/** A channel's fields as they are written; which there are follows from its kind. */
export type ChannelFields = Readonly<Record<string, unknown>> & { readonly kind: ChannelKind };
export type DeskFields = NotifyDocument["desks"][string];
export type Step = NonNullable<NotifyDocument["escalation"][PriorityKey]>[number];

export interface NotifyDraft {
  readonly console?: string;
  readonly channels: Readonly<Record<string, ChannelFields>>;
  readonly desks: Readonly<Record<string, DeskFields>>;
  readonly escalation: Readonly<Partial<Record<PriorityKey, readonly Step[]>>>;
}

export type ChannelKind = keyof typeof CHANNEL_FIELDS;
export type ChannelField =
  | "url"
  | "from"
  | "to"
  | "username"
  | "passwordFile"
  | "secretFile"
  | "urlFile"
  | "body"
  | "phones"
  | "topic"
  | "device"
  | "metric";

/** What is asked of each kind; a question mark where it may be left empty. */
export const CHANNEL_FIELDS = {
  mail: ["url", "from", "to", "username?", "passwordFile?"],
  webhook: ["url", "secretFile?"],
  wecom: ["urlFile"],
  dingtalk: ["urlFile", "secretFile?"],
  feishu: ["urlFile", "secretFile?"],
  sms: ["url", "body", "phones", "secretFile?"],
  mqtt: ["url", "topic", "username?", "passwordFile?"],
  device: ["device", "metric"],
} as const satisfies Readonly<Record<string, readonly (ChannelField | `${ChannelField}?`)[]>>;

export const CHANNEL_KINDS = Object.keys(CHANNEL_FIELDS) as readonly ChannelKind[];
const LISTS: ReadonlySet<string> = new Set(["to", "phones"]);
const SECRETS: ReadonlySet<string> = new Set(["passwordFile", "secretFile", "urlFile"]);

export const isList = (field: ChannelField): boolean => LISTS.has(field);
export const isSecret = (field: ChannelField): boolean => SECRETS.has(field);

export function fieldsOf(
  kind: ChannelKind,
): readonly { readonly field: ChannelField; readonly optional: boolean }[] {
  return CHANNEL_FIELDS[kind].map((each) => ({
    field: each.replace("?", "") as ChannelField,
    optional: each.endsWith("?"),
  }));
}

export function readNotify(value: unknown): NotifyDraft {
  const said = (value ?? {}) as Partial<NotifyDraft>;
  return {
    ...said,
    channels: said.channels ?? {},
    desks: said.desks ?? {},
    escalation: said.escalation ?? {},
  };
}

/** A channel out of what was typed, and the secrets that go with it as files. */
export function channelOf(
  id: string,
  kind: ChannelKind,
  typed: Readonly<Partial<Record<ChannelField, string>>>,
  before: ChannelFields | undefined,
): { readonly channel: ChannelFields; readonly files: Readonly<Record<string, string>> } {
  // Fields that this page does not know (a limit, a language) stay as they are while the kind does.
  const channel: Record<string, unknown> = before?.kind === kind ? { ...before } : {};
  const files: Record<string, string> = {};
  for (const { field } of fieldsOf(kind)) {
    const text = (typed[field] ?? "").trim();
    if (isSecret(field)) {
      if (text === "") continue;
      const name = `settings:${id}-${field.replace("File", "").toLowerCase()}`;
      channel[field] = name;
      files[name] = text;
    } else if (text === "") delete channel[field];
    else if (isList(field)) channel[field] = text.split(/[\s,，;；]+/).filter((each) => each !== "");
    else channel[field] = text;
  }
  return { channel: { ...channel, kind }, files };
}

export function typedOf(channel: ChannelFields | undefined): Readonly<Partial<Record<ChannelField, string>>> {
  if (channel === undefined) return {};
  return Object.fromEntries(
    fieldsOf(channel.kind)
      .filter(({ field }) => !isSecret(field))
      .map(({ field }) => {
        const value = channel[field];
        return [field, Array.isArray(value) ? value.join("\n") : String(value ?? "")];
      }),
  );
}

/** Without one of its parts, and without what named it. */
export function withoutChannel(draft: NotifyDraft, id: string): NotifyDraft {
  return {
    ...draft,
    channels: without(draft.channels, id),
    desks: Object.fromEntries(
      Object.entries(draft.desks).map(([name, desk]) => [
        name,
        { ...desk, channels: desk.channels.filter((each) => each !== id) },
      ]),
    ),
  };
}

export function withoutDesk(draft: NotifyDraft, id: string): NotifyDraft {
  const escalation = Object.fromEntries(
    Object.entries(draft.escalation).map(([priority, steps]) => [
      priority,
      (steps ?? [])
        .map((step) => ({ ...step, desks: step.desks.filter((each) => each !== id) }))
        .filter(({ desks }) => desks.length > 0),
    ]),
  );
  return { ...draft, desks: without(draft.desks, id), escalation };
}

function without<T>(all: Readonly<Record<string, T>>, id: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== id));
}

/** `90s`, `2m`, `1h` in minutes. */
export function minutesOf(after: string | undefined): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(after ?? "0s") ?? [];
  const minutes = { ms: 1 / 60_000, s: 1 / 60, m: 1, h: 60 }[unit as "ms" | "s" | "m" | "h"] ?? 0;
  return Number(number ?? 0) * minutes;
}
