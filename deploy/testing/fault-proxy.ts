/**
 * A TCP proxy that does to a connection what networks do. It forwards everything until told of a fault; a fault holds,
 * for connections that are there and those that come, until it is taken away.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import type { Random } from "./random.ts";

/**
 * - `reset`: every connection is cut with RST, after having lived for a moment
 * - `half-open`: the server sees its client go, the client is told nothing and talks into the void
 * - `black-hole`: bytes vanish in both directions, nothing is closed
 * - `loss`: what 10 % packet loss does to TCP: of the chunks passed some stall for a retransmission's time, and a
 *   connection that is unlucky several times in a row breaks
 * - `slow-drip`: a few bytes at a time
 * - `latency`: everything comes, later
 */
export const FAULTS = ["reset", "half-open", "black-hole", "loss", "slow-drip", "latency"] as const;
export type Fault = (typeof FAULTS)[number];

/** How long a connection lives before it is reset. */
const RESET_AFTER_MS = 400;
const LOSS_SHARE = 0.1;
/** The smallest retransmission time-out of Linux; it doubles with each loss in a row. */
const RETRANSMIT_MS = 200;
/** So many losses of the same chunk in a row are a broken connection. */
const LOSSES_IN_A_ROW_MAX = 3;
const DRIP_BYTES = 256;
const DRIP_MS = 10;
const LATENCY_MS = 300;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export class FaultProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #chance: Random;
  readonly #pairs = new Set<Pair>();
  /** Connections whose bytes vanish for good: a hole in a stream cannot be mended. */
  readonly #swallowed = new WeakSet<Pair>();
  #fault: Fault | undefined;
  #harmed = 0;

  static async start(port: number, chance: Random, host = "127.0.0.1"): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host, port }, chance);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  private constructor(target: { readonly host: string; readonly port: number }, chance: Random) {
    this.#target = target;
    this.#chance = chance;
    this.#server = createServer((near) => this.#join(near));
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Chunks delayed or swallowed and connections cut so far: proof that the fault did something. */
  get harmed(): number {
    return this.#harmed;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  inject(fault: Fault): void {
    this.#fault = fault;
    if (fault === "reset") for (const pair of this.#pairs) this.#reset(pair);
    if (fault === "half-open") for (const pair of this.#pairs) this.#halfOpen(pair);
    if (fault === "black-hole") for (const pair of this.#pairs) this.#swallow(pair);
  }

  /** The network is well again. Connections that were swallowed into stay as dead as they are. */
  heal(): void {
    this.#fault = undefined;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    await closed;
  }

  #join(near: Socket): void {
    const far = new Socket();
    far.connect(this.#target.port, this.#target.host);
    const pair = { near, far };
    this.#pairs.add(pair);
    const part = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        // Where bytes vanish, so does the word that a connection has ended.
        if (!this.#swallowed.has(pair) || (near.destroyed && far.destroyed)) part();
      });
    }
    void this.#carry(pair, near, far);
    void this.#carry(pair, far, near);
    if (this.#fault === "reset") setTimeout(() => this.#reset(pair), RESET_AFTER_MS);
    if (this.#fault === "half-open") this.#halfOpen(pair);
    if (this.#fault === "black-hole") this.#swallow(pair);
  }

  /** One direction, chunk by chunk, so that order is kept and a slow side slows the other down. */
  async #carry(pair: Pair, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (!(await this.#pass(pair, chunk, to))) return;
      }
    } catch {
      // The connection is gone; `close` has told both sides.
    }
  }

  async #pass(pair: Pair, chunk: Buffer, to: Socket): Promise<boolean> {
    if (this.#swallowed.has(pair)) return true;
    switch (this.#fault) {
      case "latency":
        this.#harmed += 1;
        await pause(LATENCY_MS);
        break;
      case "slow-drip":
        this.#harmed += 1;
        return this.#drip(chunk, to);
      case "loss":
        for (let losses = 0; this.#chance() < LOSS_SHARE; losses += 1) {
          this.#harmed += 1;
          if (losses === LOSSES_IN_A_ROW_MAX) {
            this.#reset(pair);
            return false;
          }
          await pause(RETRANSMIT_MS * 2 ** losses);
        }
        break;
      default:
        break;
    }
    return write(to, chunk);
  }

  async #drip(chunk: Buffer, to: Socket): Promise<boolean> {
    for (let at = 0; at < chunk.length; at += DRIP_BYTES) {
      if (!(await write(to, chunk.subarray(at, at + DRIP_BYTES)))) return false;
      if (this.#fault === "slow-drip") await pause(DRIP_MS);
    }
    return true;
  }

  #reset(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    this.#harmed += 1;
    pair.near.resetAndDestroy();
    pair.far.resetAndDestroy();
  }

  /** The broker sees its client go; the client is told nothing. */
  #halfOpen(pair: Pair): void {
    this.#swallow(pair);
    pair.far.destroy();
  }

  #swallow(pair: Pair): void {
    this.#harmed += 1;
    this.#swallowed.add(pair);
  }
}

async function write(to: Socket, chunk: Buffer): Promise<boolean> {
  if (to.destroyed || !to.writable) return false;
  if (!to.write(chunk)) await Promise.race([once(to, "drain"), once(to, "close")]);
  return true;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
