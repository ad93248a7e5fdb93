/** One recipient of one channel: sends what waits, one message at a time, as fast as the channel allows. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import {
  type Allowance,
  allowedAt,
  GIVE_UP_MS,
  nextMessage,
  refill,
  retryAfter_ms,
} from "../core/people/delivery.ts";
import { type Language, type Notice, wording } from "../core/people/wording.ts";
import { type Channel, ChannelError, type Message, reason } from "./channels/channel.ts";
import type { NoticeQueue, StoredDelivery } from "./queue.ts";

/** A channel that takes longer is given up and tried again. */
export const SEND_MS_MAX = 30_000;
/** A message that is under way when the process stops has this long to arrive: cut off, it would come twice. */
export const LAST_MS_MAX = 3_000;
/** A channel that failed is left alone for at most this long. */
const REST_MS_MAX = 30_000;
/** How soon a queue that could not be written is tried again. */
const QUEUE_RETRY_MS = 5_000;
/** Failures in a row after which a channel counts as dead. */
export const DEAD_AFTER = 3;

export interface SenderOptions {
  readonly name: string;
  readonly recipient: string;
  readonly channel: Channel;
  readonly perMinute: number;
  readonly language: Language;
  readonly queue: NoticeQueue;
  /** Resolves once what was committed to the queue counts; at once unless said. */
  readonly settled?: () => Promise<void>;
  readonly time: (at: Timestamp) => string;
  readonly link: (notice: Notice) => string | undefined;
  readonly now: () => Timestamp;
  readonly random: () => number;
  readonly onSettled: (state: "delivered" | "given-up" | "failed", count: number, detail: string) => void;
  /** The queue's disk failed; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Told when the channel dies, and when it takes a message again. */
  readonly onAlive: (alive: boolean, detail: string) => void;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #abandoning = new AbortController();
  #stopping = false;
  #allowance: Allowance;
  #failures = 0;
  #alive = true;
  /** The channel just failed, and is left alone until then. */
  #restsUntil: Timestamp = 0;
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#allowance = { tokens: options.perMinute, at: options.now() };
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  start(): void {
    this.#running = this.#run();
  }

  wake(): void {
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    const abandon = setTimeout(() => this.#abandoning.abort(), LAST_MS_MAX);
    await this.#running;
    clearTimeout(abandon);
  }

  /** Never rejects: a queue that cannot be written now is tried again, and nobody else is the worse for it. */
  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#wake = Promise.withResolvers();
      let wait_ms: number;
      try {
        wait_ms = await this.#step();
      } catch (error) {
        this.#options.onFailure(error);
        wait_ms = QUEUE_RETRY_MS;
      }
      if (wait_ms > 0 && !this.#stopping) await this.#pause(wait_ms);
    }
  }

  /** Sends one message if one may go; answers with how long to wait for the next. */
  async #step(): Promise<number> {
    const { queue, name, recipient, now, perMinute, onSettled } = this.#options;
    const at = now();
    const many = queue.trim(name, recipient, at);
    if (many > 0) onSettled("given-up", many, "more messages waited than are kept");
    const old = queue.giveUp(name, recipient, at - GIVE_UP_MS, at);
    if (old > 0) onSettled("given-up", old, "could not be delivered within a day");
    if (at < this.#restsUntil) return this.#restsUntil - at;
    const due = queue.due(name, recipient, at);
    const chosen = new Set(ids(nextMessage(due, at)));
    if (chosen.size === 0) {
      const next = queue.nextAt(name, recipient);
      return next === undefined ? Number.POSITIVE_INFINITY : Math.max(1, next - at);
    }
    this.#allowance = refill(this.#allowance, perMinute, at);
    const free = allowedAt(this.#allowance, perMinute);
    if (free > at) return free - at;
    this.#allowance = { ...this.#allowance, tokens: this.#allowance.tokens - 1 };
    await this.#send(due.filter(({ id }) => chosen.has(id)));
    return 0;
  }

  async #send(deliveries: readonly StoredDelivery[]): Promise<void> {
    const { channel, recipient, queue, now, random, onSettled } = this.#options;
    try {
      await this.#options.settled?.();
      const signal = AbortSignal.any([this.#abandoning.signal, AbortSignal.timeout(SEND_MS_MAX)]);
      const receipt = await channel.send(this.#message(deliveries), signal, recipient);
      queue.settle(ids(deliveries), "delivered", now(), receipt);
      // Whoever takes over would send it again.
      await this.#options.settled?.();
      onSettled("delivered", deliveries.length, receipt);
      this.#took(true, receipt);
    } catch (error) {
      if (this.#abandoning.signal.aborted) return;
      const detail = error instanceof ChannelError ? error.message : reason(error);
      const first = deliveries[0];
      if (error instanceof ChannelError && !error.retry) {
        queue.settle(ids(deliveries), "given-up", now(), detail);
        onSettled("given-up", deliveries.length, detail);
      } else {
        const again_ms = retryAfter_ms((first?.attempts ?? 0) + 1, random());
        queue.failed(ids(deliveries), now() + again_ms, detail);
        // What waits behind it would fare the same; what is red does not wait long.
        this.#restsUntil = now() + Math.min(REST_MS_MAX, again_ms);
        onSettled("failed", deliveries.length, detail);
      }
      this.#took(false, detail);
    }
  }

  #message(deliveries: readonly StoredDelivery[]): Message {
    const { language, time, link } = this.#options;
    const notices = deliveries.map(({ notice }) => notice);
    const first = deliveries[0];
    return {
      ...wording(notices, language, time, link),
      id: deliveries.length === 1 ? (first?.key ?? "") : `${first?.key ?? ""}+${deliveries.length - 1}`,
      notices,
      createdAt: first?.createdAt ?? 0,
    };
  }

  #took(taken: boolean, detail: string): void {
    this.#failures = taken ? 0 : this.#failures + 1;
    const alive = taken || (this.#alive && this.#failures < DEAD_AFTER);
    if (alive === this.#alive) return;
    this.#alive = alive;
    this.#options.onAlive(alive, detail);
  }

  async #pause(wait_ms: number): Promise<void> {
    const timer = Number.isFinite(wait_ms)
      ? setTimeout(() => this.#wake.resolve(), Math.min(wait_ms, 2 ** 31 - 1))
      : undefined;
    await this.#wake.promise;
    clearTimeout(timer);
  }
}

const ids = (deliveries: readonly { readonly id: number }[]): readonly number[] =>
  deliveries.map(({ id }) => id);
