/** Follows the alarms' transitions and sends each to the webhooks of its place, in order, until it is taken. */
import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmView } from "@campus-ops/rules/api";
import { type Log, webhookHeaders } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { follow } from "../api/follow.ts";
import { nextAttempt, verdictOf } from "./core/attempts.ts";
import type { WaitingMessage, Webhook, WebhookStore } from "./webhook-store.ts";

/** How long a receiver may take; it should take the message first and work on it later. */
const ANSWER_MS_MAX = 10_000;
/** Looked at so often whether a message that failed is due again. */
const LOOK_MS = 1_000;

export interface WebhookSenderOptions {
  readonly store: WebhookStore;
  /** CloudEvents `source`: which hub. */
  readonly source: string;
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
    const wanted = all.filter(({ path }) => isWithin(alarm.device.path, path));
    const key = `alarm-${id}`;
    store.queue(
      wanted.map((webhook) => webhook.id),
      key,
      cloudEvent(key, alarm, source),
      id,
      now(),
    );
    this.send();
  }

  /** Tries whatever is due. */
  send(): void {
    if (this.#stopping.signal.aborted) return;
    for (const webhook of this.#options.store.webhooks()) {
      if (this.#running.has(webhook.id)) continue;
      const work = this.#empty(webhook).finally(() => this.#running.delete(webhook.id));
      this.#running.set(webhook.id, work);
    }
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

  async #attempt(
    webhook: Webhook,
    { attempts, body, createdAt, key, number }: WaitingMessage,
  ): Promise<void> {
    const { log, now, store } = this.#options;
    const headers = {
      "content-type": "application/cloudevents+json; charset=utf-8",
      ...webhookHeaders(webhook.secret, key, Math.floor(now() / 1_000), body),
    };
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    let status: number | undefined;
    let problem = "";
    try {
      const answer = await fetch(webhook.url, { method: "POST", headers, body, signal, redirect: "manual" });
      await answer.body?.cancel();
      status = answer.status;
      problem = `HTTP ${status}`;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      problem = reasonOf(error);
    }
    const verdict = verdictOf(status);
    if (verdict === "delivered") return store.delivered(webhook.id, number, now());
    const next = verdict === "again" ? nextAttempt(createdAt, attempts + 1, now()) : undefined;
    if (next === undefined) log.warn({ webhook: webhook.name, problem }, "a webhook's message was given up");
    return store.failed(webhook.id, number, next, problem);
  }
}

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

/** CloudEvents 1.0.2, JSON format, clause 3.1. Whom an alarm was given to, a name that people typed, stays here. */
function cloudEvent(id: string, { assigned: _, ...alarm }: AlarmView, source: string): string {
  return JSON.stringify({
    specversion: "1.0",
    id,
    source,
    type: `campus-ops.alarm.${alarm.state}.v1`,
    subject: alarm.device.path,
    time: new Date(alarm.updatedAt).toISOString(),
    datacontenttype: "application/json",
    data: alarm,
  });
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as {
    readonly cause?: { readonly code?: string };
    readonly message: string;
  };
  return cause?.code ?? message;
}
