/**
 * A siren, a beacon, a public address: a command to a device, over ingest, with the read-back that every command has.
 * On while an alarm rings that this channel was told of; off when none does any more.
 */
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { JsonScalar } from "../configuration.ts";
import { type Channel, ChannelError, reason } from "./channel.ts";

export interface DeviceOptions {
  readonly device: string;
  readonly metric: string;
  readonly on: JsonScalar;
  readonly off: JsonScalar;
  readonly ingest: SocketClient;
  /** Whether an alarm that this channel was told of still waits for a person. */
  readonly isRinging: () => boolean;
}

/** How long a test may be heard. */
const TEST_MS = 2_000;

export function deviceChannel(options: DeviceOptions): Channel {
  const { device, metric, on, off, ingest, isRinging } = options;
  const command = async (value: JsonScalar, why: string, signal: AbortSignal): Promise<void> => {
    const body = JSON.stringify({ device, metric, value, by: "alarm", reason: why });
    const headers = { "content-type": "application/json" };
    const answer = await ingest
      .fetch("/commands", { method: "POST", headers, body, signal })
      .catch((error: unknown) => {
        throw new ChannelError(`cannot be commanded (${reason(error)})`, { retry: true });
      });
    await answer.body?.cancel();
    if (answer.status !== 202)
      throw new ChannelError(`refused the command (${answer.status})`, { retry: answer.status !== 400 });
  };
  return {
    async send({ notices }, signal) {
      const test = notices.every(({ kind }) => kind === "test");
      const value = test || isRinging() ? on : off;
      await command(value, notices[0]?.rule ?? "test", signal);
      if (test) {
        await new Promise((resolve) => setTimeout(resolve, TEST_MS));
        if (!isRinging()) await command(off, "test", signal);
      }
      return `requested ${JSON.stringify(value)}`;
    },
  };
}
