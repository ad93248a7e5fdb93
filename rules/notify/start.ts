/** Telling people, put together: transitions → desks and deadlines → queue → channels. */

import { randomUUID } from "node:crypto";
import { CHINA_TIME, type LocalText, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { Counter, Gauge, type Log, Problem, type Registry } from "@campus-ops/service";
import type { DatabaseFile } from "@campus-ops/service/database";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { type Desk, isStaffed } from "../core/people/desk.ts";
import type { TellingKind } from "../core/people/escalation.ts";
import { type DeskSummary, obstacle, summaryOf } from "../core/people/hand-over.ts";
import type { Notice } from "../core/people/wording.ts";
import type { RulesStore } from "../store/rules-store.ts";
import type { ChannelView, DeskView, HandOverView, NewHandOver, NotificationView } from "./api.ts";
import type { NotifyConfiguration } from "./configuration.ts";
import { Notifier, type TellingChannel } from "./notifier.ts";
import { openChannel, perMinuteOf } from "./open-channels.ts";
import { NoticeQueue } from "./queue.ts";
import { Sender } from "./sender.ts";

const STANDING = { active: true, limit: 5_000 } as const;
const HAND_OVERS_LISTED = 100;
const TELLS_USUAL: readonly TellingKind[] = ["raised", "escalated", "settled"];

export interface NotifyOptions {
  readonly file: DatabaseFile;
  readonly configuration: NotifyConfiguration;
  /** Its rows are those that people may be told of. */
  readonly store: Pick<RulesStore, "alarm" | "alarms" | "stream" | "newestRow">;
  /** Resolves once what was committed counts; at once unless said. */
  readonly settled?: () => Promise<void>;
  readonly place: (path: string) => LocalText;
  /** CloudEvents `source`. */
  readonly source: string;
  readonly ingest: SocketClient;
  readonly metrics: Registry;
  readonly log: Log;
  /** IANA name; China's unless said. */
  readonly timeZone: string | undefined;
  readonly now: () => Timestamp;
  readonly random: () => number;
  /** A channel died, or takes messages again. */
  readonly onAlive: (channel: string, alive: boolean, detail: string) => void;
}

export interface Notify {
  /** Transitions have been committed. */
  wake(): void;
  channels(): readonly ChannelView[];
  desks(): readonly DeskView[];
  notifications(filter: { readonly alarm?: string; readonly limit: number }): readonly NotificationView[];
  /** What stands at a desk now. Throws a {@link Problem} when there is no such desk, as the next two do. */
  summary(desk: string): DeskSummary;
  /** Refused with 409 while a red alarm of the desk has not been answered. `summary`: of a desk of several campuses. */
  handOver(desk: string, request: NewHandOver & { readonly summary?: DeskSummary }): HandOverView;
  handOvers(desk: string): readonly HandOverView[];
  /** Tells the next desk now. Answers with the titles of those that were told, none when nobody is left to be told. */
  escalate(alarm: string): readonly LocalText[];
  /** Queues a test message. Throws a {@link Problem} when there is no such channel. */
  test(channel: string, by: string): void;
  stop(): Promise<void>;
}

export async function startNotify(options: NotifyOptions): Promise<Notify> {
  const { configuration, store, settled, log, metrics, now, random } = options;
  const { staff } = configuration;
  const queue = new NoticeQueue(options.file, store.newestRow());
  const sent = new Counter({
    name: "rules_notifications_total",
    help: "Messages to people, by channel and what became of them",
    labelNames: ["channel", "state"],
    registers: [metrics],
  });
  const waiting = (name: string): number =>
    senders.get(name)?.reduce((sum, { recipient }) => sum + queue.waitingCount(name, recipient), 0) ?? 0;
  const senders = new Map<string, readonly { readonly recipient: string; readonly sender: Sender }[]>();
  const details = new Map<string, string>();
  const channels = new Map<string, TellingChannel>();
  const notifier = new Notifier({
    queue,
    staff,
    channels,
    alarm: (id) => store.alarm(id),
    rows: (cursor, limit) => store.stream(cursor, limit),
    place: options.place,
    now,
    onQueued: (names) => {
      for (const name of names) wake(name);
    },
    onFailure: notWritten,
  });
  for (const [name, { document, secrets }] of configuration.channels) {
    const channel = await openChannel(document, secrets, {
      source: options.source,
      now,
      ingest: options.ingest,
      isRinging: () => notifier.isRinging(name),
    });
    channels.set(name, { channel, tells: new Set(document.tells ?? TELLS_USUAL) });
    const alive = new Set(channel.recipients ?? [""]);
    senders.set(
      name,
      (channel.recipients ?? [""]).map((recipient) => ({
        recipient,
        sender: new Sender({
          name,
          recipient,
          channel,
          perMinute: perMinuteOf(document),
          ...(settled === undefined ? {} : { settled }),
          language: document.language ?? "zh",
          queue,
          time: localTimeIn(options.timeZone ?? CHINA_TIME),
          link: (notice) => linkTo(configuration.console, notice),
          now,
          random,
          onSettled: (state, count, detail) => {
            sent.inc({ channel: name, state }, count);
            details.set(name, detail);
            if (state === "given-up")
              log.error({ channel: name, count, detail }, "messages to people were given up");
          },
          onFailure: notWritten,
          onAlive: (taken, detail) => {
            const before = alive.size;
            if (taken) alive.add(recipient);
            else alive.delete(recipient);
            log[taken ? "info" : "error"](
              { channel: name, detail },
              taken
                ? "the channel takes messages again"
                : "the channel takes no messages; they are kept and tried again",
            );
            const whole = (channel.recipients ?? [""]).length;
            if (before === whole || alive.size === whole) options.onAlive(name, alive.size === whole, detail);
          },
        }),
      })),
    );
  }
  new Gauge({
    name: "rules_notifications_waiting",
    help: "Messages that their channel has not taken yet",
    labelNames: ["channel"],
    registers: [metrics],
    collect() {
      for (const name of senders.keys()) this.set({ channel: name }, waiting(name));
    },
  });

  function notWritten(error: unknown): void {
    log.error({ err: error }, "what people are to be told could not be written down; trying again");
  }

  function deskOf(id: string): Desk {
    const desk = staff.desks.get(id);
    if (desk === undefined)
      throw new Problem(404, "No such desk", `there is no desk ${id}`, `没有值班台 ${id}`);
    return desk;
  }

  function wake(name: string): void {
    for (const { sender } of senders.get(name) ?? []) sender.wake();
  }

  for (const each of senders.values()) for (const { sender } of each) sender.start();
  notifier.wake();

  return {
    wake: () => notifier.wake(),
    channels: () =>
      [...configuration.channels].map(([id, { document }]) => ({
        id,
        kind: document.kind,
        alive: senders.get(id)?.every(({ sender }) => sender.isAlive) ?? false,
        detail: details.get(id) ?? "",
        waiting: waiting(id),
      })),
    desks: () =>
      [...staff.desks.values()].map((desk) => {
        const { id, title, scope, channels: named } = desk;
        const [last] = queue.handOvers(id, 1) as readonly HandOverView[];
        return {
          id,
          title,
          scope,
          channels: named,
          staffed: isStaffed(desk, staff.calendar, now()),
          ...(last === undefined ? {} : { held: { by: last.to, since: last.at } }),
        };
      }),
    summary: (id) => summaryOf(deskOf(id), store.alarms(STANDING), now()),
    handOver: (id, request) => {
      const desk = deskOf(id);
      const active = store.alarms(STANDING);
      const red = obstacle(desk, active);
      if (red !== undefined)
        throw new Problem(
          409,
          "A red alarm waits for an answer",
          `acknowledge ${red.id} (${red.title.en}) first`,
          `请先确认红色报警“${red.title.zh}”再交班`,
        );
      const at = now();
      const record = { summary: summaryOf(desk, active, at), ...request, desk: id, at };
      return { ...record, id: queue.handOver(id, at, record) };
    },
    handOvers: (id) => queue.handOvers(deskOf(id).id, HAND_OVERS_LISTED) as readonly HandOverView[],
    notifications: (filter) => queue.deliveries(filter),
    escalate: (alarm) => notifier.escalate(alarm).map((id) => deskOf(id).title),
    test: (name, by) => {
      const told = channels.get(name);
      if (told === undefined)
        throw new Problem(404, "No such channel", `there is no channel ${name}`, `没有通知渠道 ${name}`);
      const createdAt = now();
      for (const recipient of told.channel.recipients ?? [""])
        queue.add({
          key: `test.${randomUUID()}`,
          channel: name,
          recipient,
          desk: "",
          notice: testNotice(by, createdAt),
          createdAt,
        });
      wake(name);
    },
    stop: async () => {
      notifier.stop();
      await Promise.all([...senders.values()].flat().map(({ sender }) => sender.stop()));
      await Promise.all([...channels.values()].map(({ channel }) => channel.close?.()));
      queue.close();
    },
  };
}

function linkTo(console_: string | undefined, { kind, alarm }: Notice): string | undefined {
  if (console_ === undefined || kind === "test") return undefined;
  return `${console_.replace(/\/$/, "")}/alarms?alarm=${encodeURIComponent(alarm)}`;
}

const localTimeIn = (timeZone: string): ((at: Timestamp) => string) => {
  const local = new Intl.DateTimeFormat("zh-CN", {
    timeZone,
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  return (at) => local.format(at);
};

function testNotice(by: string, at: Timestamp): Notice {
  const nothing = { zh: "", en: "" };
  return {
    kind: "test",
    alarm: "",
    occurrence: 0,
    rule: "test",
    priority: 4,
    state: "normal",
    title: { zh: `由 ${by} 发出，无需处理`, en: `sent by ${by}, nothing to do` },
    device: { key: "", title: nothing, path: "", campus: "" },
    place: nothing,
    raisedAt: at,
    late: false,
    symptoms: 0,
    action: { zh: "无", en: "nothing" },
  };
}
