/** Follows the alarms' transitions and sends each to the webhooks of its place, in order, until it is taken. */
import { randomUUID } from "node:crypto";
import { type AssetPath, isWithin, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView } from "@campus-ops/rules/api";
import { type Log, webhookHeaders } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { follow } from "../api/follow.ts";
import type { WebhookDelivery } from "./api.ts";
import { nextAttempt, verdictOf } from "./core/attempts.ts";
import { post } from "./post.ts";
import type { MayReach } from "./reach.ts";
import type { Attempted, WaitingMessage, Webhook, WebhookStore } from "./webhook-store.ts";

/** How long a receiver may take; it should take the message first and work on it later. */
const ANSWER_MS_MAX = 10_000;
/** Looked at so often whether a message that failed is due again. */
const LOOK_MS = 1_000;

export interface WebhookSenderOptions {
  readonly store: WebhookStore;
  /** CloudEvents `source`: which hub. */
  readonly source: string;
  readonly mayReach: MayReach;
  readonly now: () => number;
  readonly log: Log;
}

export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #stopping = new AbortController();
  /** By webhook: one message at a time, so that they arrive in their order. */
  readonly #running = new Map<number, Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.send(), LOOK_MS);
  }

  /** One event of the rules' stream; `id` is where to read on from. */
  take(event: string, data: string, id: string | undefined): void {
    if (event !== "alarm" || id === undefined) return;
    const { now, source, store } = this.#options;
    const all = store.webhooks();
    // Nobody to tell, now or later: a flood of alarms costs nothing here.
    if (all.length === 0) return;
    const alarm = JSON.parse(data) as AlarmView;
    const wanted = all.filter(({ enabled, path }) => enabled && isWithin(alarm.device.path, path));
    const key = `alarm-${id}`;
    store.queue(
      wanted.map((webhook) => webhook.id),
      key,
      alarmEvent(key, alarm, source),
      id,
      now(),
    );
    this.send();
  }

  /** Tries whatever is due. */
  send(): void {
    if (this.#stopping.signal.aborted) return;
    for (const webhook of this.#options.store.webhooks()) {
      if (!webhook.enabled || this.#running.has(webhook.id)) continue;
      const work = this.#empty(webhook).finally(() => this.#running.delete(webhook.id));
      this.#running.set(webhook.id, work);
    }
  }

  /** Sends a signed event of a type of its own, once, and tells what the other side said to it. */
  async test(webhook: Webhook): Promise<WebhookDelivery> {
    const { now, source, store } = this.#options;
    const id = `test-${randomUUID()}`;
    const type = "campus-ops.test.v1";
    const body = cloudEvent({ id, source, type, subject: webhook.path, at: now(), data: {} });
    const answer = await this.#post(webhook, id, body);
    const result = verdictOf(answer.status) === "delivered" ? "delivered" : "given-up";
    return store.tested(webhook.id, { message: id, type, path: webhook.path, result, ...answer });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await Promise.all(this.#running.values());
  }

  async #empty(webhook: Webhook): Promise<void> {
    const { now, store } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const message = store.first(webhook.id);
      if (message === undefined || message.nextAt > now()) return;
      await this.#attempt(webhook, message);
    }
  }

  async #attempt(webhook: Webhook, message: WaitingMessage): Promise<void> {
    const { log, now, store } = this.#options;
    const { attempts, body, createdAt, key, number } = message;
    const answer = await this.#post(webhook, key, body);
    // It was cut off by our own end: nothing is known of it, and it is tried again.
    if (this.#stopping.signal.aborted && answer.status === undefined) return;
    const verdict = verdictOf(answer.status);
    const next = verdict === "again" ? nextAttempt(createdAt, attempts + 1, now()) : undefined;
    const result = verdict === "delivered" ? verdict : next === undefined ? "given-up" : "again";
    if (result === "given-up")
      log.warn({ webhook: webhook.name, problem: answer.problem }, "a webhook's message was given up");
    const { subject, type } = JSON.parse(body) as { readonly subject: AssetPath; readonly type: string };
    store.settle(webhook.id, number, { message: key, type, path: subject, result, ...answer }, next);
  }

  async #post(webhook: Webhook, id: string, body: string): Promise<Answered> {
    const { mayReach, now } = this.#options;
    const at = now();
    const headers = {
      "content-type": "application/cloudevents+json; charset=utf-8",
      ...webhookHeaders(webhook.secret, id, Math.floor(at / 1_000), body),
    };
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    try {
      const status = await post({ url: webhook.url, headers, body, signal, mayReach });
      const problem = verdictOf(status) === "delivered" ? {} : { problem: `HTTP ${status}` };
      return { at, took_ms: now() - at, status, ...problem };
    } catch (error) {
      return { at, took_ms: now() - at, problem: reasonOf(error) };
    }
  }
}

type Answered = Pick<Attempted, "at" | "took_ms" | "status" | "problem">;

/** Has a sender follow the alarms' transitions, from where its store left off. */
export function followAlarms(
  sender: WebhookSender,
  part: SocketClient,
  store: WebhookStore,
  log: Log,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const following = follow(
    {
      part,
      path: "/stream",
      from: store.cursor(),
      onEvent: ({ data, event, id }) => sender.take(event, data, id),
      onFault: (error) => log.debug({ err: error }, "the alarms' stream ended; following it again"),
    },
    stopping.signal,
  );
  return {
    stop: async () => {
      stopping.abort();
      await following;
      await sender.stop();
    },
  };
}

/** Whom an alarm was given to, a name that people typed, stays here. */
function alarmEvent(id: string, { assigned: _, ...alarm }: AlarmView, source: string): string {
  const type = `campus-ops.alarm.${alarm.state}.v1`;
  return cloudEvent({ id, source, type, subject: alarm.device.path, at: alarm.updatedAt, data: alarm });
}

interface Event {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: AssetPath | "";
  readonly at: Timestamp;
  readonly data: object;
}

/** CloudEvents 1.0.2, JSON format, clause 3.1. A subject is there or not, never empty (clause "subject"). */
function cloudEvent({ at, data, id, source, subject, type }: Event): string {
  return JSON.stringify({
    specversion: "1.0",
    id,
    source,
    type,
    ...(subject === "" ? {} : { subject }),
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    data,
  });
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  // An aborted request has a number of the DOM's for a code.
  return typeof code === "string" ? code : message;
}
