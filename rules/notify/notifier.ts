/**
 * Tells people: follows the alarms' transitions, decides by desk and deadline who is to know, and keeps what they are
 * to be told until their channels have taken it.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { escalate, look, type Outcome, type Staff, type Telling } from "../core/people/escalation.ts";
import { type Notice, noticeOf } from "../core/people/wording.ts";
import type { AlarmRecord } from "../core/view.ts";
import type { StreamRow } from "../store/rules-store.ts";
import type { Channel } from "./channels/channel.ts";
import type { NewDelivery, NoticeQueue } from "./queue.ts";

/** Transitions read at once. */
const PAGE_ROWS = 500;

export interface TellingChannel {
  readonly channel: Channel;
  readonly tells: ReadonlySet<Telling["kind"]>;
}

export interface NotifierOptions {
  readonly queue: NoticeQueue;
  readonly staff: Staff;
  readonly channels: ReadonlyMap<string, TellingChannel>;
  readonly alarm: (id: string) => AlarmRecord | undefined;
  readonly rows: (cursor: number, limit: number) => readonly StreamRow[];
  readonly place: (path: string) => Notice["place"];
  readonly now: () => Timestamp;
  /** Messages were queued for these channels. */
  readonly onQueued: (channels: ReadonlySet<string>) => void;
  /** The queue's disk failed; what was queued is safe, and it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** How long to wait after the queue could not be written. */
const RETRY_MS = 5_000;

export class Notifier {
  readonly #options: NotifierOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Channels that what is being committed has messages for. */
  readonly #queued = new Set<string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Reads what is new and looks at what is due. Called after each commit, and by itself when a deadline passes. */
  wake(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    let wait_ms: number | undefined;
    try {
      this.#read();
      this.#lookAgain();
      wait_ms = this.#untilNext();
    } catch (error) {
      this.#options.onFailure(error);
      wait_ms = RETRY_MS;
    }
    if (wait_ms !== undefined) this.#timer = setTimeout(() => this.wake(), wait_ms);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The desks that were told before their deadline, because a person asked; none when nobody is left to be told. */
  escalate(id: string): readonly string[] {
    const { queue, staff, alarm, now } = this.#options;
    const record = alarm(id);
    if (record === undefined) return [];
    // What has been committed and not yet looked at comes first.
    this.wake();
    const outcome = escalate(queue.watch(id), record, staff, now());
    if (outcome === undefined) return [];
    this.#together(() => this.#record(record, outcome, now()));
    this.wake();
    return outcome.tellings.map(({ desk }) => desk);
  }

  /** Whether an alarm that this channel was told of still waits for a person. */
  isRinging(channel: string): boolean {
    const { queue, staff } = this.#options;
    return queue
      .watches()
      .some(({ told }) => told.some((desk) => staff.desks.get(desk)?.channels.includes(channel) === true));
  }

  /**
   * Each transition is looked at as of its own moment: what rang and was acknowledged while this process was away is
   * told as it was, without the deadlines that nobody missed.
   */
  #read(): void {
    const { queue, rows, alarm } = this.#options;
    for (;;) {
      const page = rows(queue.cursor, PAGE_ROWS);
      const last = page.at(-1);
      if (last === undefined) return;
      this.#together(() => {
        for (const { view } of page) {
          const record = alarm(view.id);
          if (record !== undefined) this.#look({ ...record, ...view }, view.updatedAt);
        }
        queue.passed(last.id);
      });
      if (page.length < PAGE_ROWS) return;
    }
  }

  #lookAgain(): void {
    const { queue, alarm, now } = this.#options;
    const due = queue.watchesDue(now());
    if (due.length === 0) return;
    this.#together(() => {
      for (const { alarm: id } of due) {
        const record = alarm(id);
        if (record === undefined)
          queue.record({ alarm: id, watch: undefined, lookAt: undefined, deliveries: [] });
        else this.#look(record, now());
      }
    });
  }

  #look(record: AlarmRecord, at: Timestamp): void {
    const { queue, staff } = this.#options;
    const before = queue.watch(record.id);
    const outcome = look(before, record, staff, at);
    if (before === undefined && outcome.watch === undefined) return;
    this.#record(record, outcome, at);
  }

  #record(record: AlarmRecord, { watch, tellings, lookAt }: Outcome, at: Timestamp): void {
    const deliveries = tellings.flatMap((telling) => this.#deliveries(telling, record, at));
    this.#options.queue.record({ alarm: record.id, watch, lookAt, deliveries });
    for (const { channel } of deliveries) this.#queued.add(channel);
  }

  /** One commit for all of it: a disk syncs some hundred times a second, and a flood has more transitions than that. */
  #together(work: () => void): void {
    this.#queued.clear();
    this.#options.queue.together(work);
    if (this.#queued.size > 0) this.#options.onQueued(new Set(this.#queued));
  }

  #deliveries(telling: Telling, record: AlarmRecord, createdAt: Timestamp): readonly NewDelivery[] {
    const { staff, channels, place } = this.#options;
    const desk = staff.desks.get(telling.desk);
    const notice = noticeOf(record, telling.kind, place(record.device.path));
    return (desk?.channels ?? []).flatMap((name): readonly NewDelivery[] => {
      const told = channels.get(name);
      if (told === undefined || !told.tells.has(telling.kind)) return [];
      return (told.channel.recipients ?? [""]).map((recipient) => ({
        key: [record.id, telling.since, telling.kind, telling.desk, name, recipient]
          .filter(Boolean)
          .join("."),
        channel: name,
        recipient,
        desk: telling.desk,
        notice,
        createdAt,
      }));
    });
  }

  #untilNext(): number | undefined {
    const { queue, now } = this.#options;
    const next = queue.nextLook();
    return next === undefined ? undefined : Math.min(Math.max(1, next - now()), 2 ** 31 - 1);
  }
}
