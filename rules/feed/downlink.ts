/**
 * Brings what was done here to alarms that a hub below raises down to that hub, as commands to its device. Nothing is
 * remembered of what was sent: a hub says with each telling whose facts it has heard, and what it has not is sent again.
 */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { type AlarmReplica, newReplica, withFact } from "../core/replica/alarm-replica.ts";
import { type BookEntry, owedTo } from "../core/replica/book.ts";
import { factsIn } from "../core/replica/difference.ts";
import { writeFacts } from "../core/replica/wire.ts";
import type { ReplicaRows } from "../store/replicas.ts";

/** What ingest takes as the value of one command. */
export const VALUE_CHARACTERS_MAX = 4_096;
/** Alarms of one round. */
export const OWED_MAX = 200;
/** How often it is looked who still owes an answer, and how long one is waited for. */
export const LOOK_MS = 2_000;
export const AGAIN_MS = 20_000;
const ANSWER_MS_MAX = 5_000;

export interface DownlinkOptions {
  readonly rows: Pick<ReplicaRows, "owed">;
  readonly ingest: Pick<SocketClient, "fetch">;
  readonly hub: string;
  readonly log: Log;
  readonly now: () => Timestamp;
}

export class Downlink {
  readonly #options: DownlinkOptions;
  /** By alarm, what was sent last and when. */
  readonly #sent = new Map<string, { readonly value: string; readonly at: Timestamp }>();
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  /** Commands that ingest took, and that it did not. */
  sent = 0;
  refused = 0;

  constructor(options: DownlinkOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.wake(), LOOK_MS);
  }

  /** Something was done that a hub below may not have heard of. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#round()
      .catch((error: unknown) =>
        this.#options.log.warn({ err: error }, "hubs below could not be told; tried again"),
      )
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.wake();
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    const { now, rows } = this.#options;
    const owed = rows.owed(OWED_MAX);
    const alarms = new Set(owed.map(({ replica }) => replica.id));
    for (const alarm of this.#sent.keys()) if (!alarms.has(alarm)) this.#sent.delete(alarm);
    for (const entry of owed) {
      const part = owedTo(entry);
      if (part === undefined || this.#stopped) continue;
      const value = commandValue(part);
      const before = this.#sent.get(part.id);
      if (before?.value === value && now() - before.at < AGAIN_MS) continue;
      if (await this.#send(entry, value)) this.#sent.set(part.id, { value, at: now() });
    }
  }

  /** False where the hub is away now: it is told when it is back. */
  async #send({ told }: BookEntry, value: string): Promise<boolean> {
    const { hub, ingest } = this.#options;
    const body = { device: told?.via, metric: "HubAlarm/Heard", value, by: `@${hub}`, reason: "alarm" };
    const answer = await ingest.fetch("/commands", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    await answer.arrayBuffer();
    if (answer.ok) this.sent += 1;
    else this.refused += 1;
    return answer.ok;
  }
}

/** As many facts, in their order, as one command holds: a hub that heard a later one has heard those before it. */
export function commandValue(part: AlarmReplica): string {
  let replica = newReplica(part.id, part.latching);
  let value = writeFacts({ replica, heard: {} });
  for (const { by, fact, stamp } of factsIn(part)) {
    replica = withFact(replica, fact, by, stamp);
    const longer = writeFacts({ replica, heard: {} });
    if (longer.length > VALUE_CHARACTERS_MAX) break;
    value = longer;
  }
  return value;
}
