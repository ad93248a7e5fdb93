/**
 * Tells ingest how the channels are doing, so that a channel that reaches nobody is an alarm like any other: shown in
 * the console and told by the channels that still work. Told again every half minute, because ingest may have been
 * away, and begins anew.
 */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { SocketClient } from "@campus-ops/service/socket-client";

const REPEAT_MS = 30_000;
const ANSWER_MS_MAX = 10_000;

interface ChannelState {
  readonly alive: boolean;
  readonly detail: string;
}

export class ServiceReporter {
  readonly #ingest: SocketClient;
  readonly #states = new Map<string, ChannelState>();
  readonly #repeating: NodeJS.Timeout;
  #telling: Promise<void> = Promise.resolve();

  constructor(ingest: SocketClient, channels: Iterable<string>) {
    this.#ingest = ingest;
    for (const channel of channels) this.#states.set(channel, { alive: true, detail: "" });
    this.#repeating = setInterval(() => this.#tellAll(), REPEAT_MS);
    this.#tellAll();
  }

  tell(channel: string, alive: boolean, detail: string): void {
    this.#states.set(channel, { alive, detail });
    this.#tellAll();
  }

  async stop(): Promise<void> {
    clearInterval(this.#repeating);
    await this.#telling;
  }

  /** One after the other: the last word of a channel is its newest. */
  #tellAll(): void {
    this.#telling = this.#telling.then(async () => {
      for (const [channel, state] of this.#states) if (!(await this.#tellOne(channel, state))) return;
    });
  }

  async #tellOne(channel: string, { alive, detail }: ChannelState): Promise<boolean> {
    const title: LocalText = { zh: `通知渠道 ${channel}`, en: `Channel ${channel}` };
    const reason: LocalText = {
      zh: `消息送不出去（${detail}）。消息已保留，恢复后自动补发；请检查该渠道`,
      en: `It takes no messages (${detail}). They are kept and sent afterwards; look after the channel`,
    };
    try {
      const { body } = await this.#ingest.fetch(`/services/channel-${channel}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ title, working: alive, ...(alive ? {} : { reason }) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      await body?.cancel();
      return true;
    } catch {
      // Ingest is away; it is told at the next turn.
      return false;
    }
  }
}
