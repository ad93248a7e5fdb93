/**
 * A webhook: CloudEvents 1.0 in structured JSON mode, signed as Standard Webhooks 1.0 says: HMAC-SHA-256 over
 * `id.timestamp.body`. The id is the same at each attempt, so that a receiver can drop what it has already.
 */
import { webhookHeaders } from "@campus-ops/service";
import type { Notice } from "../../core/people/wording.ts";
import type { Channel, Message } from "./channel.ts";
import { post } from "./http.ts";

export interface WebhookOptions {
  readonly url: string;
  /** Signs; without it the receiver cannot tell who sent it. */
  readonly secret?: string;
  /** CloudEvents `source`: which hub. */
  readonly source: string;
  readonly now: () => number;
}

export function webhook(options: WebhookOptions): Channel {
  return {
    async send(message, signal) {
      const body = JSON.stringify(cloudEvent(message, options.source));
      const headers = {
        "content-type": "application/cloudevents+json; charset=utf-8",
        ...webhookHeaders(options.secret, message.id, Math.floor(options.now() / 1_000), body),
      };
      const { status } = await post(options.url, headers, body, signal);
      return `HTTP ${status}`;
    },
  };
}

/** CloudEvents 1.0.2, clauses 3.1 and 3.2 of the JSON format. Several notices become one event with a list. */
export function cloudEvent({ id, notices, createdAt, subject, text }: Message, source: string): object {
  const [first] = notices;
  const alone = notices.length === 1 && first !== undefined;
  return {
    specversion: "1.0",
    id,
    source,
    type: alone ? `campus-ops.alarm.${first.kind}.v1` : "campus-ops.alarm.digest.v1",
    ...(alone ? { subject: first.device.path } : {}),
    time: new Date(createdAt).toISOString(),
    datacontenttype: "application/json",
    data: { subject, text, ...(alone ? noticeData(first) : { alarms: notices.map(noticeData) }) },
  };
}

function noticeData({ raisedAt, ...notice }: Notice): object {
  return { ...notice, raisedAt: new Date(raisedAt).toISOString() };
}
