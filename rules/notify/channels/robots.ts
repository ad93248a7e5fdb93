/**
 * The robots of DingTalk, WeCom and Feishu: a POST to a group's own address, which is a secret by itself. All three
 * answer 200 also when they refuse; whether a message was taken stands in a code of the answer.
 *
 * Sources: DingTalk, custom robot access and its security settings; WeCom, group robot configuration; Feishu, custom
 * bot guide. What they say about signatures and limits was taken over here; none of the three services has been
 * spoken to by the tests.
 */
import { createHmac } from "node:crypto";
import { type Channel, ChannelError, type Message } from "./channel.ts";
import { fieldOf, post } from "./http.ts";

export const ROBOTS = ["dingtalk", "wecom", "feishu"] as const;
export type RobotKind = (typeof ROBOTS)[number];

/** Messages a minute that each service takes from one robot. */
export const ROBOT_PER_MINUTE: Readonly<Record<RobotKind, number>> = { dingtalk: 20, wecom: 20, feishu: 100 };

/** WeCom counts UTF-8 bytes; the others take more. */
const TEXT_BYTES_MAX = 2_048;

export interface RobotOptions {
  readonly kind: RobotKind;
  /** The whole address with its key or token. */
  readonly url: string;
  /** DingTalk's “SEC…”, Feishu's signature key; WeCom has none. */
  readonly secret?: string;
  readonly now: () => number;
}

/** How each says that its limit is reached: trying later helps. */
const BUSY: Readonly<Record<RobotKind, ReadonlySet<unknown>>> = {
  dingtalk: new Set([130_101, 410_100, -1]),
  wecom: new Set([45_009, -1]),
  feishu: new Set([9_499, 11_232]),
};

export function robot(options: RobotOptions): Channel {
  return {
    async send(message, signal) {
      const { url, body } = robotRequest(options, message);
      const { text } = await post(url, { "content-type": "application/json" }, JSON.stringify(body), signal);
      const code =
        fieldOf(text, options.kind === "feishu" ? "code" : "errcode") ?? fieldOf(text, "StatusCode");
      if (code === 0) return `${options.kind} 0`;
      const retry = code === undefined || BUSY[options.kind].has(code);
      const what =
        code === undefined ? "something that is no answer of this service" : `code ${String(code)}`;
      throw new ChannelError(`answered ${what}`, { retry });
    },
  };
}

/** The request of one message, as it stands on the wire. */
export function robotRequest(options: RobotOptions, message: Message): { url: string; body: object } {
  const content = shorten(message.text);
  const { kind, url, secret } = options;
  switch (kind) {
    case "dingtalk": {
      const body = { msgtype: "text", text: { content } };
      if (secret === undefined) return { url, body };
      // The signed text is the time in milliseconds, a line feed and the secret; the key is the secret.
      const timestamp = String(options.now());
      const sign = createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64");
      const signed = new URL(url);
      signed.searchParams.set("timestamp", timestamp);
      signed.searchParams.set("sign", sign);
      return { url: signed.href, body };
    }
    case "wecom":
      return { url, body: { msgtype: "text", text: { content } } };
    case "feishu": {
      const body = { msg_type: "text", content: { text: content } };
      if (secret === undefined) return { url, body };
      // Here the time, in seconds, and the secret are the key, and the signed text is empty.
      const timestamp = String(Math.floor(options.now() / 1_000));
      const sign = createHmac("sha256", `${timestamp}\n${secret}`).digest("base64");
      return { url, body: { timestamp, sign, ...body } };
    }
  }
}

/** Cut at the end of a character. */
export function shorten(text: string): string {
  if (Buffer.byteLength(text) <= TEXT_BYTES_MAX) return text;
  const cut = Buffer.from(text).subarray(0, TEXT_BYTES_MAX - 3);
  return `${new TextDecoder("utf-8", { fatal: false }).decode(cut).replace(/\uFFFD+$/, "")}…`;
}
