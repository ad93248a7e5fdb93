/**
 * A multipart stream of events: opened once, and again at once where a device closes it by itself, as some recorders do every forty
 * seconds. It ends only by its signal, or with the error that lost it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { MultipartParser } from "@campus-ops/device-profiles/codecs/multipart";
import { DriverError } from "../driver.ts";
import type { HttpClient } from "./client.ts";

/** A stream that is closed sooner than this is not opened again at once. */
const REOPEN_MIN_ms = 5_000;
/** So many entries in a row that cannot be read mean that this is no event stream. */
const UNREADABLE_MAX = 20;

export interface StreamListener {
  /** A stream has begun; what happened before is in no stream. */
  opened(): void;
  /** An entry, without pictures. False when it cannot be read. */
  part(body: Uint8Array): boolean;
  /** Something came, a heartbeat at least. */
  alive(): void;
}

/**
 * `listen` makes the listener. What that begins by itself (a look into the log) takes the signal that it is given, which
 * aborts when the stream is over for whatever reason, and ends the stream by `fail`.
 */
export async function followEventStream(
  client: HttpClient,
  path: string,
  listen: (signal: AbortSignal, fail: (reason: unknown) => void) => StreamListener,
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController();
  const broken = Promise.withResolvers<never>();
  const listener = listen(AbortSignal.any([signal, ending.signal]), broken.reject);
  try {
    await Promise.race([followAll(client, path, listener, signal), broken.promise]);
  } finally {
    ending.abort();
  }
}

async function followAll(
  client: HttpClient,
  path: string,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      const began = performance.now();
      await followOne(client, path, listener, signal);
      if (performance.now() - began < REOPEN_MIN_ms) {
        throw new DriverError("unreachable", `${client.host} closes the event stream at once`, {
          retry: true,
        });
      }
      await delay(0, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** One stream, until the device closes it. */
async function followOne(
  client: HttpClient,
  path: string,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<void> {
  const stream = await client.stream(path, signal);
  const parser = new MultipartParser(stream.contentType);
  listener.opened();
  let unreadable = 0;
  try {
    for await (const chunk of stream.chunks) {
      for (const part of parser.push(chunk)) {
        unreadable = listener.part(part.body) ? 0 : unreadable + 1;
        if (unreadable > UNREADABLE_MAX) throw client.garbage("sends events that cannot be read");
      }
      listener.alive();
    }
  } finally {
    stream.close();
  }
}
