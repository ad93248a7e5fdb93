/**
 * The place at a switchboard where one device is expected: it outlives the device's connections and our sessions with
 * it, so that neither side waits for the other. What the device says while no session is open waits here without being
 * acknowledged.
 */
import { DriverError } from "../driver.ts";
import type { Caller } from "./caller.ts";

/** Messages that wait for a session; further ones are dropped, and the device, not having an answer, repeats them. */
export const INBOX_MAX = 64;
/** A device that hangs up may have gone through a tunnel: a session lasts until it has been away for so long. */
export const AWAY_MS_MAX = 10_000;
/** Messages that wait for the disk; the device is held back beyond that. */
export const PENDING_MAX = 64;

/** Takes one message in; settles when the device has its answer. */
export type MessageHandler<Message> = (message: Message, caller: Caller<Message>) => Promise<void>;

export class Extension<Message, Settings> {
  /** Of the session that was opened last. */
  settings: Settings;
  onCall: () => void;
  /** Calls in this device's name that were turned away. */
  refused = 0;
  /** Pieces and messages that made no sense. */
  malformed = 0;
  #caller: Caller<Message> | undefined;
  #heard_ms = 0;
  #inbox: { readonly message: Message; readonly caller: Caller<Message> }[] = [];
  #handler: MessageHandler<Message> | undefined;
  #onLost: ((error: DriverError) => void) | undefined;
  #arrivals: (() => void)[] = [];
  #pending = 0;
  #away: NodeJS.Timeout | undefined;

  constructor(settings: Settings, onCall: () => void) {
    this.settings = settings;
    this.onCall = onCall;
  }

  get caller(): Caller<Message> | undefined {
    return this.#caller;
  }

  /** Milliseconds since the device said anything that made sense. */
  get silence_ms(): number {
    return performance.now() - this.#heard_ms;
  }

  /** Resolves when the device is there; rejects `unreachable` when `signal` aborts before. */
  async present(signal: AbortSignal): Promise<void> {
    if (this.#caller !== undefined) return;
    const arrived = Promise.withResolvers<void>();
    const onAbort = (): void =>
      arrived.reject(new DriverError("unreachable", "the device has not called in", { retry: true }));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#arrivals.push(arrived.resolve);
    try {
      await arrived.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#arrivals = this.#arrivals.filter((each) => each !== arrived.resolve);
    }
  }

  /** The device has called, and is who it says it is. A device has one line: the connection that it had is dead. */
  attach(caller: Caller<Message>): void {
    const before = this.#caller;
    this.#caller = caller;
    this.#heard_ms = performance.now();
    clearTimeout(this.#away);
    if (before !== caller) before?.hangUp("has called again");
    const arrivals = this.#arrivals.splice(0);
    for (const arrived of arrivals) arrived();
    if (arrivals.length === 0 && this.#handler === undefined) this.onCall();
  }

  detach(caller: Caller<Message>, why: string | undefined): void {
    if (this.#caller !== caller) return;
    this.#caller = undefined;
    const said = why === undefined ? "" : `: it ${why}`;
    const error = new DriverError("unreachable", `the device has hung up${said}`, { retry: true });
    clearTimeout(this.#away);
    this.#away = setTimeout(() => this.#onLost?.(error), AWAY_MS_MAX).unref();
  }

  deliver(message: Message, caller: Caller<Message>): void {
    this.#heard_ms = performance.now();
    if (this.#handler !== undefined) this.#hand(this.#handler, message, caller);
    else if (this.#inbox.length < INBOX_MAX) this.#inbox.push({ message, caller });
  }

  /**
   * Hands over what waited and what comes until `signal` aborts. Rejects when the device has hung up and does not call
   * again, and `timeout` when it has said nothing for `silence_ms`, the sign of a connection that only looks alive.
   */
  async serve(handler: MessageHandler<Message>, silence_ms: number, signal: AbortSignal): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const onAbort = (): void => ended.resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#onLost = ended.reject;
    const watch = setInterval(() => {
      if (this.silence_ms < silence_ms) return;
      this.#caller?.hangUp("said nothing for too long");
      const seconds = Math.round(silence_ms / 1000);
      ended.reject(
        new DriverError("timeout", `the device has said nothing for ${seconds} s`, {
          retry: true,
          conclusive: true,
        }),
      );
    }, silence_ms / 4);
    try {
      if (signal.aborted) return;
      this.#handler = handler;
      for (const { message, caller } of this.#inbox.splice(0)) this.#hand(handler, message, caller);
      await ended.promise;
    } finally {
      clearInterval(watch);
      signal.removeEventListener("abort", onAbort);
      if (this.#handler === handler) this.#handler = undefined;
      if (this.#onLost === ended.reject) this.#onLost = undefined;
    }
  }

  #hand(handler: MessageHandler<Message>, message: Message, caller: Caller<Message>): void {
    this.#pending += 1;
    if (this.#pending >= PENDING_MAX) caller.pause();
    void handler(message, caller)
      .catch(() => {
        this.malformed += 1;
      })
      .finally(() => {
        this.#pending -= 1;
        if (this.#pending < PENDING_MAX) caller.resume();
      });
  }
}
