/**
 * A line of bytes that several devices share, one conversation at a time. It keeps the silence between frames, takes a
 * two-wire adapter's echo off, and drops what comes when nobody asked: the late reply to a request that was given up is
 * never taken for the answer to the next.
 */
import { setTimeout as wait } from "node:timers/promises";
import { DriverError } from "../driver.ts";
import { Turns } from "../turns.ts";
import { characterTime_ms, gap_ms, type LineAddress, lineName } from "./address.ts";
import type { ByteLine } from "./byte-line.ts";
import { openLine } from "./line.ts";

/** Of one reply, noise included; the longest frame of any protocol here is 272 bytes. What is beyond it is dropped, oldest first. */
export const REPLY_BYTES_MAX = 4_096;
/** A conversation that does not end by itself is ended: the others wait for it. */
export const TURN_MS_MAX = 10_000;
/** A serial server whose connection is half open takes everything and answers nothing: after so many questions it is dialled anew. */
export const SILENT_QUESTIONS_MAX = 3;
/** A line that is not silent for so long, its gap aside, carries no conversation. */
export const BABBLE_MS_MAX = 1_000;
/** Shown of what made no sense. */
const SHOWN_BYTES_MAX = 16;

/** What a conversation may do. Every method rejects once the turn is over. */
export interface Turn {
  /** Waits for silence, forgets what came before, and sends. For a request that nobody answers, such as a broadcast. */
  send(request: Uint8Array): Promise<void>;
  /** The bytes that come next, in pieces as they come; rejects with `timeout` when none comes within `wait_ms`. */
  receive(wait_ms: number): Promise<Uint8Array>;
  /**
   * Sends, then hands everything that has come since to `find` until that returns something. Rejects after `wait_ms`
   * from the end of the request: with `timeout` when nothing came, with `garbage` when something came and `find` saw
   * nothing in it. What `find` throws is passed on.
   */
  ask<T>(request: Uint8Array, find: (received: Uint8Array) => T | undefined, wait_ms: number): Promise<T>;
}

export class Bus {
  readonly address: LineAddress;
  readonly #turns = new Turns();
  readonly #character_ms: number;
  readonly #gap_ms: number;
  #line: ByteLine | undefined;
  #ended: DriverError | undefined;
  /** Received and not taken yet. */
  #buffer: Uint8Array = new Uint8Array(0);
  /** What was sent and is still expected back, where the adapter hears itself. */
  #echo: Uint8Array = new Uint8Array(0);
  #wake: () => void = () => undefined;
  /** When the last byte came or will have gone out. */
  #busyUntil = 0;
  #silent = 0;
  #dropped_bytes = 0;

  private constructor(address: LineAddress) {
    this.address = address;
    this.#character_ms = characterTime_ms(address);
    this.#gap_ms = gap_ms(address);
  }

  static async open(address: LineAddress, signal: AbortSignal): Promise<Bus> {
    const bus = new Bus(address);
    const events = {
      received: (bytes: Uint8Array) => bus.#receive(bytes),
      ended: (why: DriverError) => bus.#end(why),
    };
    bus.#line = await openLine(address, events, signal);
    return bus;
  }

  /** Set when the line broke: whoever holds it lets go and leases it anew. */
  get ended(): DriverError | undefined {
    return this.#ended;
  }

  /** Bytes that came and answered nobody: late replies, noise, a second master. */
  get dropped_bytes(): number {
    return this.#dropped_bytes;
  }

  /**
   * Holds a conversation that nobody else comes into. `user` is by whom turns are shared out, for example a unit's
   * address. Rejects with what `converse` rejects with, with `timeout` when `signal` aborts or the conversation takes
   * longer than {@link TURN_MS_MAX}, and with what broke the line.
   */
  async exclusively<T>(user: string, signal: AbortSignal, converse: (turn: Turn) => Promise<T>): Promise<T> {
    const give = await this.#turns.take(user, signal);
    const over = new AbortController();
    const stop = (): void => over.abort(signal.reason);
    if (signal.aborted) stop();
    const timer = setTimeout(stop, TURN_MS_MAX);
    signal.addEventListener("abort", stop, { once: true });
    try {
      // Whatever else a conversation waits for, the line does not wait with it.
      return await Promise.race([converse(new BusTurn(this.#access, over.signal)), interrupted(over.signal)]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      over.abort();
      give();
    }
  }

  async close(): Promise<void> {
    this.#end(new DriverError("unreachable", `${lineName(this.address)} was closed`, { retry: true }));
    await this.#line?.close();
  }

  /** What a turn works with. */
  readonly #access: BusAccess = {
    send: async (request, signal) => {
      await this.#silence(signal);
      this.#forget();
      if (this.address.echo) this.#echo = request;
      this.#line?.write(request);
      this.#busyUntil = performance.now() + request.length * this.#character_ms;
    },
    receive: async (until, signal) => {
      while (this.#buffer.length === 0) {
        this.#check(signal);
        const left_ms = until() - performance.now();
        if (left_ms <= 0) return undefined;
        await this.#nextBytes(left_ms, signal);
      }
      const bytes = this.#buffer;
      this.#buffer = new Uint8Array(0);
      return bytes;
    },
    busyUntil: () => this.#busyUntil,
    check: (signal) => this.#check(signal),
    answered: (something) => this.#judge(something),
  };

  async #silence(signal: AbortSignal): Promise<void> {
    const patience = performance.now() + this.#gap_ms + BABBLE_MS_MAX;
    for (;;) {
      this.#check(signal);
      const now = performance.now();
      const left_ms = this.#busyUntil + this.#gap_ms - now;
      if (left_ms <= 0) return;
      if (now >= patience) throw babble();
      await wait(Math.ceil(left_ms), undefined, { signal }).catch(() => undefined);
    }
  }

  #nextBytes(left_ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, left_ms);
      signal.addEventListener("abort", done, { once: true });
      this.#wake = done;
    });
  }

  #check(signal: AbortSignal): void {
    if (this.#ended !== undefined) throw this.#ended;
    if (signal.aborted) throw gaveUp(signal);
  }

  #judge(something: boolean): void {
    this.#silent = something ? 0 : this.#silent + 1;
    if (this.address.kind !== "tcp" || this.#silent < SILENT_QUESTIONS_MAX) return;
    const why = `${lineName(this.address)} answered none of ${this.#silent} requests and is dialled anew`;
    this.#end(new DriverError("unreachable", why, { retry: true }));
    void this.#line?.close();
  }

  #receive(bytes: Uint8Array): void {
    this.#busyUntil = Math.max(this.#busyUntil, performance.now());
    const heard = this.#withoutEcho(bytes);
    if (heard.length === 0) return;
    const all = new Uint8Array(this.#buffer.length + heard.length);
    all.set(this.#buffer);
    all.set(heard, this.#buffer.length);
    this.#dropped_bytes += Math.max(0, all.length - REPLY_BYTES_MAX);
    this.#buffer = all.subarray(Math.max(0, all.length - REPLY_BYTES_MAX));
    this.#wake();
  }

  /** A byte that is not the echo ends the echo: the adapter swallowed it, or somebody else spoke at the same time. */
  #withoutEcho(bytes: Uint8Array): Uint8Array {
    let same = 0;
    while (same < bytes.length && same < this.#echo.length && bytes[same] === this.#echo[same]) same += 1;
    this.#echo = same === bytes.length ? this.#echo.subarray(same) : new Uint8Array(0);
    return bytes.subarray(same);
  }

  #forget(): void {
    this.#dropped_bytes += this.#buffer.length;
    this.#buffer = new Uint8Array(0);
  }

  #end(why: DriverError): void {
    this.#ended ??= why;
    this.#wake();
  }
}

interface BusAccess {
  send(request: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Undefined when nothing came in time. */
  receive(until: () => number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  busyUntil(): number;
  check(signal: AbortSignal): void;
  answered(something: boolean): void;
}

class BusTurn implements Turn {
  readonly #bus: BusAccess;
  readonly #signal: AbortSignal;

  constructor(bus: BusAccess, signal: AbortSignal) {
    this.#bus = bus;
    this.#signal = signal;
  }

  async send(request: Uint8Array): Promise<void> {
    await this.#bus.send(request, this.#signal);
  }

  async receive(wait_ms: number): Promise<Uint8Array> {
    const until = Math.max(performance.now(), this.#bus.busyUntil()) + wait_ms;
    const bytes = await this.#bus.receive(() => until, this.#signal);
    if (bytes === undefined) throw silence(wait_ms);
    return bytes;
  }

  async ask<T>(
    request: Uint8Array,
    find: (received: Uint8Array) => T | undefined,
    wait_ms: number,
  ): Promise<T> {
    await this.send(request);
    const until = this.#bus.busyUntil() + wait_ms;
    let received: Uint8Array = new Uint8Array(0);
    for (;;) {
      const piece = await this.#bus.receive(() => until, this.#signal);
      if (piece === undefined) break;
      received = Uint8Array.from([...received, ...piece]).subarray(-REPLY_BYTES_MAX);
      const found = find(received);
      if (found === undefined) continue;
      this.#bus.answered(true);
      return found;
    }
    this.#bus.answered(received.length > 0);
    throw received.length === 0 ? silence(wait_ms) : nonsense(received);
  }
}

function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(gaveUp(signal));
    signal.addEventListener("abort", () => reject(gaveUp(signal)), { once: true });
  });
}

function gaveUp({ reason }: AbortSignal): DriverError {
  return new DriverError("timeout", "gave up in the middle of a conversation", {
    retry: true,
    cause: reason,
  });
}

function babble(): DriverError {
  const why = `the line was not silent for ${BABBLE_MS_MAX} ms; a device babbles, or a second master asks`;
  return new DriverError("garbage", why, { retry: true });
}

function silence(wait_ms: number): DriverError {
  return new DriverError("timeout", `no answer within ${wait_ms} ms`, { retry: true });
}

function nonsense(received: Uint8Array): DriverError {
  const shown = [...received.subarray(0, SHOWN_BYTES_MAX)].map((byte) => byte.toString(16).padStart(2, "0"));
  const more = received.length > SHOWN_BYTES_MAX ? " …" : "";
  const what = `${received.length} bytes that are no answer: ${shown.join(" ")}${more}`;
  return new DriverError(
    "garbage",
    `${what}; check address, baud rate, parity and the polarity of the two wires`,
    { retry: true },
  );
}
