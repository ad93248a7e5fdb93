/** Reading a part's stream for ever, through its restarts, from where it was. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { EventStreamParser, type ServerSentEvent } from "./event-stream.ts";

const RETRY_MS = 500;

export interface Following {
  readonly part: SocketClient;
  /** Path of the part's stream, for example `/stream`. */
  readonly path: string;
  /** The id to read on from; from now on where it says nothing. */
  readonly from?: string | undefined;
  /** Throws where an event cannot be taken: it is read again. */
  readonly onEvent: (event: ServerSentEvent) => void;
  readonly onFault: (error: unknown) => void;
}

/** Resolves when `signal` aborts; never rejects. */
export async function follow(following: Following, signal: AbortSignal): Promise<void> {
  let cursor = following.from;
  while (!signal.aborted) {
    try {
      for await (const event of read(following, cursor, signal)) {
        following.onEvent(event);
        cursor = event.id ?? cursor;
      }
    } catch (error) {
      if (signal.aborted) return;
      following.onFault(error);
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function* read(
  { part, path }: Following,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<ServerSentEvent> {
  const query = cursor === undefined ? "" : `?after=${encodeURIComponent(cursor)}`;
  const answer = await part.fetch(path + query, { signal });
  if (!answer.ok || answer.body === null) {
    await answer.body?.cancel();
    throw new Error(`${path} answered ${answer.status}`);
  }
  const parser = new EventStreamParser();
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) yield* parser.push(decoder.decode(chunk, { stream: true }));
}
