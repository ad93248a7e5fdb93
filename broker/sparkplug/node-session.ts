/**
 * What a host keeps of one edge node: whether it is in session and with which bdSeq, which message comes next, and what
 * its births declared.
 *
 * Messages are accepted in the order of their seq. One that comes too early waits for those before it, for
 * `reorderMs` and in bounded memory; when they do not come, what waited is discarded and a rebirth requested: the
 * missing message may have been a birth that gives the aliases another meaning. After that nothing is accepted until
 * the node is born anew. Requests go out at most once in `rebirthIntervalMs`; one that comes earlier is kept for later.
 */
import type { Address, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { AliasTable } from "./aliases.ts";
import { BD_SEQ } from "./commands.ts";
import type { Payload } from "./payload.ts";
import type { DeviceMessageType, NodeMessageType } from "./topics.ts";

export interface NodeSessionLimits {
  /** How long a message that came too early waits; the specification's Reorder Timeout. 2,000 unless said. */
  readonly reorderMs: number;
  /** Between two rebirth requests to the same node. 10,000 unless said. */
  readonly rebirthIntervalMs: number;
}

const REORDER_MS = 2_000;
const REBIRTH_INTERVAL_MS = 10_000;
/** Requests without a birth or a word from the node before it is left alone. */
export const REBIRTH_ATTEMPTS_MAX = 3;
/** Messages that wait for one missing before them. */
export const REORDER_MESSAGES_MAX = 64;
/** Their payloads together. */
export const REORDER_BYTES_MAX = 4 * 1024 * 1024;

export type ReportType = Exclude<NodeMessageType | DeviceMessageType, "NCMD" | "DCMD">;

export interface NodeMessage {
  readonly type: ReportType;
  readonly address: Address;
  readonly payload: Payload;
  /** The payload as it came. */
  readonly bytes: Uint8Array;
  readonly receivedAt: Timestamp;
}

/**
 * not-born: a DATA, DBIRTH or DDEATH of a node that is not in session, or of a device that is not born ·
 * unknown-alias: of no birth · gap: it waited for a message that never came · duplicate-seq: one with this seq is
 * waiting already · late-death: an NDEATH with another bdSeq than the session's, or of a node that is offline already.
 */
export type DiscardReason = "not-born" | "unknown-alias" | "gap" | "duplicate-seq" | "late-death";

/** Why a rebirth is asked for. */
export type RebirthReason = "not-born" | "unknown-alias" | "gap" | "silent" | "requested";

export type NodeEffect =
  | { readonly kind: "accept"; readonly message: NodeMessage }
  | { readonly kind: "discard"; readonly message: NodeMessage; readonly reason: DiscardReason }
  | { readonly kind: "rebirth"; readonly reason: RebirthReason; readonly time: Timestamp };

const SEQUENCE_MODULUS = 256;

export class NodeSession {
  readonly #reorderMs: number;
  readonly #rebirthIntervalMs: number;
  #born = false;
  #bdSeq: number | undefined;
  #expected = 0;
  #aliases = new AliasTable();
  readonly #waiting = new Map<number, NodeMessage>();
  #waitingBytes = 0;
  #gapDeadline: Timestamp | undefined;
  #lastRequest = Number.NEGATIVE_INFINITY;
  /** The newest time that was told. */
  #now = Number.NEGATIVE_INFINITY;
  #attempts = 0;
  #wanted: { readonly reason: RebirthReason; readonly notBefore: Timestamp } | undefined;

  constructor({
    reorderMs = REORDER_MS,
    rebirthIntervalMs = REBIRTH_INTERVAL_MS,
  }: Partial<NodeSessionLimits> = {}) {
    this.#reorderMs = reorderMs;
    this.#rebirthIntervalMs = rebirthIntervalMs;
  }

  get isBorn(): boolean {
    return this.#born;
  }

  /** Nothing is known of the node any more; it is asked for its births when it has not sent them by `notBefore`. */
  restart(notBefore: Timestamp): void {
    this.#unborn();
    this.#wanted = { reason: "silent", notBefore };
  }

  receive(message: NodeMessage, time: Timestamp): readonly NodeEffect[] {
    this.#follow(time);
    switch (message.type) {
      case "NBIRTH":
        return this.#nodeBirth(message);
      case "NDEATH":
        return this.#nodeDeath(message);
      default:
        return this.#sequenced(message, time);
    }
  }

  tick(time: Timestamp): readonly NodeEffect[] {
    this.#follow(time);
    if (this.#gapDeadline !== undefined && time >= this.#gapDeadline) return this.#giveUp(time);
    if (this.#wanted === undefined || time < this.#wanted.notBefore) return [];
    return this.#ask(this.#wanted.reason, time);
  }

  requestRebirth(time: Timestamp): readonly NodeEffect[] {
    this.#follow(time);
    return this.#ask("requested", time);
  }

  #nodeBirth(message: NodeMessage): readonly NodeEffect[] {
    const dropped = this.#unborn();
    this.#born = true;
    this.#settle();
    this.#bdSeq = bdSeqOf(message.payload);
    this.#expected = ((message.payload.seq ?? 0) + 1) % SEQUENCE_MODULUS;
    this.#aliases.learn(undefined, message.payload);
    return [...dropped, { kind: "accept", message }];
  }

  /** Brokers deliver an old session's will after the new session's birth: only the birth's own bdSeq ends it. */
  #nodeDeath(message: NodeMessage): readonly NodeEffect[] {
    if (!this.#born || bdSeqOf(message.payload) !== this.#bdSeq) {
      return [{ kind: "discard", message, reason: "late-death" }];
    }
    this.#settle();
    return [...this.#unborn(), { kind: "accept", message }];
  }

  /** Nothing is to be asked of the node: it is born, or it has said that it is gone. */
  #settle(): void {
    this.#wanted = undefined;
    this.#attempts = 0;
  }

  #sequenced(message: NodeMessage, time: Timestamp): readonly NodeEffect[] {
    if (!this.#born) {
      this.#attempts = 0;
      return [{ kind: "discard", message, reason: "not-born" }, ...this.#ask("not-born", time)];
    }
    const seq = message.payload.seq ?? Number.NaN;
    if (seq !== this.#expected) return this.#early(message, seq, time);
    const effects = [...this.#inPlace(message, time)];
    this.#expected = (this.#expected + 1) % SEQUENCE_MODULUS;
    for (let next = this.#take(); next !== undefined && this.#born; next = this.#take()) {
      effects.push(...this.#inPlace(next, time));
      this.#expected = (this.#expected + 1) % SEQUENCE_MODULUS;
    }
    if (this.#waiting.size === 0) this.#gapDeadline = undefined;
    return effects;
  }

  #take(): NodeMessage | undefined {
    const message = this.#waiting.get(this.#expected);
    if (message === undefined) return undefined;
    this.#waiting.delete(this.#expected);
    this.#waitingBytes -= message.bytes.length;
    return message;
  }

  /** [tck-id-operational-behavior-host-reordering-start] */
  #early(message: NodeMessage, seq: number, time: Timestamp): readonly NodeEffect[] {
    if (this.#waiting.has(seq)) return [{ kind: "discard", message, reason: "duplicate-seq" }];
    const full =
      this.#waiting.size >= REORDER_MESSAGES_MAX ||
      this.#waitingBytes + message.bytes.length > REORDER_BYTES_MAX;
    if (full || !(seq >= 0 && seq < SEQUENCE_MODULUS)) {
      return [{ kind: "discard", message, reason: "gap" }, ...this.#giveUp(time)];
    }
    this.#waiting.set(seq, message);
    this.#waitingBytes += message.bytes.length;
    this.#gapDeadline ??= time + this.#reorderMs;
    return [];
  }

  /** [tck-id-operational-behavior-host-reordering-rebirth] */
  #giveUp(time: Timestamp): readonly NodeEffect[] {
    return [...this.#unborn(), ...this.#ask("gap", time)];
  }

  #inPlace(message: NodeMessage, time: Timestamp): readonly NodeEffect[] {
    const { device } = message.address;
    if (message.type === "DBIRTH") {
      this.#aliases.learn(device, message.payload);
      return [{ kind: "accept", message }];
    }
    if (device !== undefined && !this.#aliases.isBorn(device)) {
      return [{ kind: "discard", message, reason: "not-born" }, ...this.#ask("not-born", time)];
    }
    if (message.type === "DDEATH") {
      if (device !== undefined) this.#aliases.forget(device);
      return [{ kind: "accept", message }];
    }
    if (!this.#aliases.knowsAliases(device, message.payload)) {
      return [{ kind: "discard", message, reason: "unknown-alias" }, ...this.#ask("unknown-alias", time)];
    }
    return [{ kind: "accept", message }];
  }

  /** When the host's clock is stepped back, what was to happen soon must not wait for the old time to come round. */
  #follow(time: Timestamp): void {
    const back = this.#now - time;
    this.#now = time;
    if (back <= 0) return;
    this.#lastRequest -= back;
    if (this.#gapDeadline !== undefined) this.#gapDeadline -= back;
    if (this.#wanted !== undefined)
      this.#wanted = { reason: this.#wanted.reason, notBefore: this.#wanted.notBefore - back };
  }

  #ask(reason: RebirthReason, time: Timestamp): readonly NodeEffect[] {
    const notBefore = this.#lastRequest + this.#rebirthIntervalMs;
    if (time < notBefore) {
      this.#wanted ??= { reason, notBefore };
      return [];
    }
    this.#lastRequest = time;
    this.#attempts += 1;
    // Asked again after an interval, unless a birth comes: a command is QoS 0 and may be lost.
    this.#wanted =
      this.#attempts < REBIRTH_ATTEMPTS_MAX
        ? { reason, notBefore: time + this.#rebirthIntervalMs }
        : undefined;
    return [{ kind: "rebirth", reason, time }];
  }

  #unborn(): readonly NodeEffect[] {
    const dropped = [...this.#waiting.values()].map(
      (message): NodeEffect => ({ kind: "discard", message, reason: "gap" }),
    );
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#gapDeadline = undefined;
    this.#born = false;
    this.#aliases = new AliasTable();
    return dropped;
  }
}

function bdSeqOf(payload: Payload): number | undefined {
  const metric = payload.metrics.find(({ name }) => name === BD_SEQ);
  return typeof metric?.value === "number" ? metric.value : undefined;
}
