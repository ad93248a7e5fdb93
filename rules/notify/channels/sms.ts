/**
 * A gateway for short messages: one HTTP request a number, written as a template, because every provider has its own.
 * `{phone}`, `{text}`, `{id}` and `{secret}` are filled in, escaped for where they stand.
 */
import { type Channel, ChannelError } from "./channel.ts";
import { fieldOf, post } from "./http.ts";

export interface SmsOptions {
  readonly url: string;
  readonly method: "POST" | "PUT";
  /** `application/json` escapes for JSON text, `application/x-www-form-urlencoded` for a form. */
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly phones: readonly string[];
  readonly secret?: string;
  /** A field of the JSON answer and what it holds when the gateway took the message; without it the status decides. */
  readonly success?: { readonly field: string; readonly equals: string | number | boolean };
}

/** What fits into one concatenated message at most providers. */
const TEXT_CHARACTERS_MAX = 300;

export function sms(options: SmsOptions): Channel {
  const { url, method, contentType, headers, body, success, secret = "", phones } = options;
  return {
    recipients: phones,
    async send({ id, text }, signal, phone) {
      const values = { phone, text: text.slice(0, TEXT_CHARACTERS_MAX), id, secret };
      const named = Object.entries(headers).map(([name, value]) => [name, fill(value, values, headerText)]);
      const answer = await post(
        fill(url, values, encodeURIComponent),
        { ...Object.fromEntries(named), "content-type": contentType },
        fill(body, values, contentType.includes("json") ? jsonText : encodeURIComponent),
        signal,
        method,
      );
      const said = success === undefined ? undefined : fieldOf(answer.text, success.field);
      if (success !== undefined && said !== success.equals) {
        throw new ChannelError(`answered ${success.field} = ${JSON.stringify(said) ?? "nothing"}`, {
          retry: true,
        });
      }
      return `HTTP ${answer.status}`;
    },
  };
}

export function fill(
  template: string,
  values: Readonly<Record<string, string>>,
  escaped: (text: string) => string,
): string {
  return template.replace(/\{(phone|text|id|secret)\}/g, (_, name: string) => escaped(values[name] ?? ""));
}

const jsonText = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A line feed would begin another header. */
const headerText = (text: string): string => text.replace(/[\r\n]/g, " ");
