/**
 * Telemetry that has been received while the readers of the journal are behind. It waits for its turn: one message of each node,
 * one node after the other, so that nobody who sends much takes the place of those who send little. The telemetry of a node stays
 * in its order.
 */
import type { NodeMessage } from "@campus-ops/broker/sparkplug";
import { addressKey } from "@campus-ops/device-profiles/vocabulary";

/** Shared out among the nodes of which something waits. One more than its share, and the oldest of a node gives way. */
export const MESSAGES_MAX = 1_024;
/** However many nodes there are, each has so many. */
export const NODE_MESSAGES_MIN = 8;
/** Payloads of all nodes together. */
export const ALL_BYTES_MAX = 16 * 1024 * 1024;

export class WaitingTelemetry {
  /** In the order of their turns. */
  readonly #nodes = new Map<string, NodeMessage[]>();
  #bytes = 0;
  #messages = 0;

  get messages(): number {
    return this.#messages;
  }

  /** Who numbers what it sends follows our pace, and has no share to keep to. What has to give way to it, if anything: the oldest of its node, or itself. */
  add(message: NodeMessage, isNumbered = false): NodeMessage | undefined {
    const key = nodeKey(message);
    const own = this.#nodes.get(key) ?? [];
    const nodes = this.#nodes.size + (own.length === 0 ? 1 : 0);
    const share = Math.max(NODE_MESSAGES_MIN, Math.floor(MESSAGES_MAX / nodes));
    const isFull = (!isNumbered && own.length >= share) || this.#bytes + message.bytes.length > ALL_BYTES_MAX;
    const oldest = isFull ? own.shift() : undefined;
    if (isFull && oldest === undefined) return message;
    if (oldest !== undefined) this.#gone(oldest);
    own.push(message);
    this.#bytes += message.bytes.length;
    this.#messages += 1;
    this.#nodes.set(key, own);
    return oldest;
  }

  /** The next in turn. */
  next(): NodeMessage | undefined {
    const [key, own] = this.#nodes.entries().next().value ?? [];
    const message = own?.shift();
    if (key === undefined || own === undefined || message === undefined) return undefined;
    this.#nodes.delete(key);
    if (own.length > 0) this.#nodes.set(key, own);
    this.#gone(message);
    return message;
  }

  /** All of the node of `message`, in order. */
  before(message: NodeMessage): readonly NodeMessage[] {
    const key = nodeKey(message);
    const own = this.#nodes.get(key) ?? [];
    this.#nodes.delete(key);
    for (const each of own) this.#gone(each);
    return own;
  }

  #gone({ bytes }: NodeMessage): void {
    this.#bytes -= bytes.length;
    this.#messages -= 1;
  }
}

const nodeKey = ({ address: { campus, node } }: NodeMessage): string => addressKey({ campus, node });
