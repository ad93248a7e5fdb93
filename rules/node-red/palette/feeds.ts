/** One live stream for all nodes of a process that listen to the same hub: opened by the first, closed by the last. */
import { Hub, type HubAccess, type HubEvent } from "./hub.ts";

export interface Listener {
  event(event: HubEvent): void;
  state(connected: boolean): void;
  /** What was seen before may be out of date. */
  reset(): void;
}

interface Feed {
  readonly listeners: Set<Listener>;
  readonly stopping: AbortController;
  connected: boolean;
}

export class Feeds {
  readonly #feeds = new Map<string, Feed>();

  /** Answers with how to stop listening. */
  listen(access: HubAccess, listener: Listener): () => void {
    const key = JSON.stringify(access);
    const feed = this.#feeds.get(key) ?? this.#open(key, access);
    feed.listeners.add(listener);
    listener.state(feed.connected);
    return () => {
      feed.listeners.delete(listener);
      if (feed.listeners.size > 0) return;
      feed.stopping.abort();
      if (this.#feeds.get(key) === feed) this.#feeds.delete(key);
    };
  }

  #open(key: string, access: HubAccess): Feed {
    const feed: Feed = { listeners: new Set(), stopping: new AbortController(), connected: false };
    this.#feeds.set(key, feed);
    const all = (tell: (listener: Listener) => void): void => {
      for (const listener of feed.listeners) tell(listener);
    };
    void new Hub(access).follow(
      (event) => all((listener) => listener.event(event)),
      (connected) => {
        feed.connected = connected;
        all((listener) => listener.state(connected));
      },
      () => all((listener) => listener.reset()),
      feed.stopping.signal,
    );
    return feed;
  }
}

/** Node-RED loads each type of node by itself; a module is what they have in common. */
export const FEEDS = new Feeds();
