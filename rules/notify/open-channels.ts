/** From a channel's configuration to the channel. Each kind is loaded when it is first configured. */
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Channel } from "./channels/channel.ts";
import { ROBOT_PER_MINUTE } from "./channels/robots.ts";
import type { ChannelDocument, ChannelSecrets } from "./configuration.ts";

export interface ChannelSurroundings {
  /** CloudEvents `source` of this hub. */
  readonly source: string;
  readonly now: () => number;
  readonly ingest: SocketClient;
  readonly isRinging: () => boolean;
}

const PER_MINUTE_USUAL = 60;

export const perMinuteOf = (document: ChannelDocument): number =>
  document.perMinute ?? (isRobot(document) ? ROBOT_PER_MINUTE[document.kind] : PER_MINUTE_USUAL);

export async function openChannel(
  document: ChannelDocument,
  secrets: ChannelSecrets,
  { source, now, ingest, isRinging }: ChannelSurroundings,
): Promise<Channel> {
  if (isRobot(document)) {
    const { robot } = await import("./channels/robots.ts");
    const { url = "", secret } = secrets;
    return robot({ kind: document.kind, url, ...(secret === undefined ? {} : { secret }), now });
  }
  switch (document.kind) {
    case "mail":
      return (await import("./channels/mail.ts")).mail({ ...document, ...secrets, url: document.url });
    case "webhook":
      return (await import("./channels/webhook.ts")).webhook({ ...secrets, url: document.url, source, now });
    case "sms":
      return (await import("./channels/sms.ts")).sms({
        method: "POST",
        contentType: "application/json",
        headers: {},
        ...document,
        ...secrets,
        url: document.url,
      });
    case "mqtt":
      return (await import("./channels/mqtt.ts")).mqttChannel({
        ...document,
        ...secrets,
        url: document.url,
        source,
      });
    case "device":
      return (await import("./channels/device.ts")).deviceChannel({
        on: true,
        off: false,
        ...document,
        ingest,
        isRinging,
      });
  }
}

type RobotDocument = Extract<ChannelDocument, { readonly urlFile: string }>;

function isRobot(document: ChannelDocument): document is RobotDocument {
  return "urlFile" in document;
}
