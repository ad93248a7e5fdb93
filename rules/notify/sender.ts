/** One recipient of one channel: sends what waits, one message at a time, as fast as the channel allows. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import {
  type Allowance,
  allowedAt,
  isHopeless,
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
/** Failures in a row after which a channel counts as dead. */
export const DEAD_AFTER = 3;

export interface SenderOptions {
  readonly name: string;
  readonly recipient: string;
  readonly channel: Channel;
  readonly perMinute: number;
  readonly language: Language;
  readonly queue: NoticeQueue;
  readonly time: (at: Timestamp) => string;
  readonly link: (notice: Notice) => string | undefined;
  readonly now: () => Timestamp;
  readonly random: () => number;
  readonly onSettled: (state: "delivered" | "given-up" | "failed", count: number, detail: string) => void;
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

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#wake = Promise.withResolvers();
      const wait_ms = await this.#step();
      if (wait_ms > 0 && !this.#stopping) await this.#pause(wait_ms);
    }
  }

  /** Sends one message if one may go; answers with how long to wait for the next. */
  async #step(): Promise<number> {
    const { queue, name, recipient, now, perMinute, onSettled } = this.#options;
    const at = now();
    const given = queue.trim(name, recipient, at);
    if (given > 0) onSettled("given-up", given, "more messages waited than are kept");
    const waiting = queue.waiting(name, recipient);
    const hopeless = waiting.filter((each) => isHopeless(each, at));
    if (hopeless.length > 0) {
      const detail = "could not be delivered within a day";
      queue.settle(ids(hopeless), "given-up", at, detail);
      onSettled("given-up", hopeless.length, detail);
      return 0;
    }
    const chosen = new Set(ids(nextMessage(waiting, at)));
    if (chosen.size === 0) {
      const next = Math.min(...waiting.map(({ nextAt }) => nextAt));
      return Number.isFinite(next) ? Math.max(1, next - at) : Number.POSITIVE_INFINITY;
    }
    this.#allowance = refill(this.#allowance, perMinute, at);
    const free = allowedAt(this.#allowance, perMinute);
    if (free > at) return free - at;
    this.#allowance = { ...this.#allowance, tokens: this.#allowance.tokens - 1 };
    await this.#send(waiting.filter(({ id }) => chosen.has(id)));
    return 0;
  }

  async #send(deliveries: readonly StoredDelivery[]): Promise<void> {
    const { channel, recipient, queue, now, random, onSettled } = this.#options;
    try {
      const signal = AbortSignal.any([this.#abandoning.signal, AbortSignal.timeout(SEND_MS_MAX)]);
      const receipt = await channel.send(this.#message(deliveries), signal, recipient);
      queue.settle(ids(deliveries), "delivered", now(), receipt);
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
        queue.failed(ids(deliveries), now() + retryAfter_ms((first?.attempts ?? 0) + 1, random()), detail);
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
