import type { AlarmView, DeviceView, FloodView, NodeView, PlatformStatus } from "../../api/api.ts";
import { getJson } from "./http.ts";

export interface StreamListener {
  /** From now on everything is heard; what was said before only where the stream goes on from a place of ours. */
  readonly opened: (goesOn: boolean) => void;
  /** The server no longer has what was missed during a cut. */
  readonly reset: () => void;
  /** Anything at all was heard. */
  readonly heard: () => void;
  readonly alarm: (alarm: AlarmView) => void;
  readonly device: (device: DeviceView) => void;
  readonly node: (node: NodeView) => void;
  readonly status: (status: PlatformStatus) => void;
  readonly flood: (flood: FloodView) => void;
}

const REOPEN_MS = 2000;

/**
 * Listens to the live stream until the answer is called. A cut is resumed by the browser itself, with Last-Event-ID.
 * The browser gives up only when the server answers with an error; then a new stream is opened, and `opened` tells the
 * listener to fetch what it may have missed.
 *
 * @param from a position of the stream that it goes on after, the first time it is opened
 */
export function listen(url: string, listener: StreamListener, from?: string): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = (after?: string): void => {
    source = new EventSource(after === undefined ? url : `${url}?after=${encodeURIComponent(after)}`);
    let goesOn = after !== undefined;
    source.onopen = () => {
      listener.opened(goesOn);
      goesOn = false;
    };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      // It does not say why it was refused: whether anybody is still signed in, another request does.
      void getJson("/api/v1/me").catch(() => undefined);
      timer = setTimeout(() => open(), REOPEN_MS);
    };
    const on = <T>(type: string, handle: (value: T) => void): void => {
      source.addEventListener(type, (event) => {
        listener.heard();
        const value = parsed<T>(event.data);
        if (value !== undefined) handle(value);
      });
    };
    on("alarm", listener.alarm);
    on("device", listener.device);
    on("node", listener.node);
    on("status", listener.status);
    on("flood", listener.flood);
    on("reset", listener.reset);
  };

  open(from);
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** A message cut short says nothing; the fetch after the next opening makes up for it. */
function parsed<T>(data: unknown): T | undefined {
  try {
    return JSON.parse(String(data)) as T;
  } catch {
    return undefined;
  }
}
