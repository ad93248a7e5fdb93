/** E-mail over SMTP. The message's id is its Message-ID: mail programs show one that came twice once. */
import { createTransport } from "nodemailer";
import { type Channel, ChannelError, reason } from "./channel.ts";

export interface MailOptions {
  /** `smtp://host:25` (STARTTLS when offered) or `smtps://host:465`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly from: string;
  readonly to: readonly string[];
  /** PEM of an authority of one's own. */
  readonly ca?: string;
}

const TIMEOUT_MS = 15_000;

export function mail(options: MailOptions): Channel {
  const { protocol, hostname, port } = new URL(options.url);
  const secure = protocol === "smtps:";
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 465 : 25) : Number(port),
    secure,
    // A password is never sent in the clear, whatever the server offers.
    requireTLS: !secure && options.password !== undefined,
    ...(options.username === undefined || options.password === undefined
      ? {}
      : { auth: { user: options.username, pass: options.password } }),
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ id, subject, text, notices }, signal) {
      signal.throwIfAborted();
      const urgent = notices.some(({ priority }) => priority <= 2);
      try {
        const { response } = await transport.sendMail({
          from: options.from,
          to: [...options.to],
          subject,
          text,
          messageId: `<${id}@campus-ops>`,
          headers: { "Auto-Submitted": "auto-generated" },
          ...(urgent ? { priority: "high" as const } : {}),
        });
        return String(response).slice(0, 200);
      } catch (error) {
        const status = (error as { responseCode?: number }).responseCode;
        // RFC 5321, clause 4.2.1: 4yz passes, 5yz does not; a refused login may be mended by an operator.
        const permanent = status !== undefined && status >= 500 && status !== 535;
        const what = status === undefined ? `cannot be reached (${reason(error)})` : `answered ${status}`;
        throw new ChannelError(what, { retry: !permanent });
      }
    },
    close: async () => transport.close(),
  };
}
