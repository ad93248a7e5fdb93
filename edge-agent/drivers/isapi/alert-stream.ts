/**
 * The alert stream: opened once, and again at once where a device closes it by itself, as some recorders do every forty
 * seconds. It ends only by its signal, or with the error that lost it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ISAPI_PATHS, type IsapiAlert, parseAlert } from "@campus-ops/device-profiles/codecs/isapi";
import { MalformedDocumentError, parseIsapi } from "@campus-ops/device-profiles/codecs/isapi-document";
import { MultipartParser } from "@campus-ops/device-profiles/codecs/multipart";
import { DriverError } from "../driver.ts";
import type { HttpClient } from "../http/client.ts";

/** A stream that is closed sooner than this is not opened again at once. */
const REOPEN_MIN_ms = 5_000;
/** So many entries in a row that cannot be read mean that this is no alert stream. */
const UNREADABLE_MAX = 20;

export interface AlertListener {
  /** A stream has begun; what happened before is in no stream. */
  opened(): void;
  alert(alert: IsapiAlert): void;
  /** Something came, a heartbeat at least. */
  alive(): void;
}

export async function followAlertStream(
  client: HttpClient,
  listener: AlertListener,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      const began = performance.now();
      await listen(client, listener, signal);
      if (performance.now() - began < REOPEN_MIN_ms) {
        throw new DriverError("unreachable", `${client.host} closes the alert stream at once`, {
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
async function listen(client: HttpClient, listener: AlertListener, signal: AbortSignal): Promise<void> {
  const stream = await client.stream(ISAPI_PATHS.alertStream, signal);
  const parser = new MultipartParser(stream.contentType);
  listener.opened();
  let unreadable = 0;
  try {
    for await (const chunk of stream.chunks) {
      for (const part of parser.push(chunk)) {
        const alert = alertOf(part.body);
        unreadable = alert === undefined ? unreadable + 1 : 0;
        if (unreadable > UNREADABLE_MAX) throw client.garbage("sends alerts that cannot be read");
        if (alert !== undefined) listener.alert(alert);
      }
      listener.alive();
    }
  } finally {
    stream.close();
  }
}

function alertOf(body: Uint8Array): IsapiAlert | undefined {
  try {
    return parseAlert(parseIsapi(body));
  } catch (error) {
    if (error instanceof MalformedDocumentError) return undefined;
    throw error;
  }
}
