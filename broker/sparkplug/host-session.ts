/**
 * The primary host's side of Sparkplug (chapters 5.3, 5.11 and 6.4.26): its own STATE, and one {@link NodeSession} an
 * edge node. No clock and no I/O: every input brings the time, every answer is a list of effects to carry out in order.
 *
 * | effect         | the adapter                                                                           |
 * | -------------- | ------------------------------------------------------------------------------------- |
 * | `connect`      | connects (MQTT 3.1.1, clean session, `will`), then calls `connected`                     |
 * | `subscribe`    | subscribes, then calls `subscribed`                                                     |
 * | `publish`      | publishes: STATE, and rebirth requests                                                  |
 * | `disconnect`   | sends DISCONNECT once what was published has gone out; unless it stops, connects again  |
 * | `accept`       | journals the message: it is in its place, its aliases are known, its payload is sound     |
 * | `discard`      | counts it. Under the acknowledged hand-off it is not lost: it was not acknowledged        |
 * | `malformed`    | counts and logs it                                                                      |
 *
 * It is mutable, because it stands in the path of every sample; it is deterministic all the same.
 */
import {
  addressKey,
  type CampusId,
  type NodeId,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import { rebirthCommand } from "./commands.ts";
import { decodePayload } from "./decode.ts";
import { type HostState, readState, stateMessage } from "./host-state.ts";
import { type NodeEffect, type NodeMessage, NodeSession, type NodeSessionLimits } from "./node-session.ts";
import type { DecodeError } from "./protobuf-reader.ts";
import type { Publication, Subscription } from "./publication.ts";
import { ALL_TOPICS, campusTopics, formatTopic, type HostId, parseTopic } from "./topics.ts";

/** Edge nodes that one host keeps sessions of; messages of more are discarded. */
export const NODES_MAX = 10_000;

/** After (re)connecting, how long edge nodes have to be born by themselves before they are asked. */
const BIRTH_GRACE_MS = 5_000;

export interface HostSessionOptions extends Partial<NodeSessionLimits> {
  readonly host: HostId;
  /** The one campus (group) that it is the host of; all of them unless said. */
  readonly campus?: CampusId;
}

export type HostEffect =
  | NodeEffect
  | { readonly kind: "connect"; readonly will: Publication }
  | { readonly kind: "subscribe"; readonly subscriptions: readonly Subscription[] }
  | { readonly kind: "publish"; readonly publication: Publication }
  | { readonly kind: "disconnect" }
  | { readonly kind: "malformed"; readonly topic: string; readonly error: DecodeError }
  | { readonly kind: "too-many-nodes"; readonly topic: string };

type NodeAddress = { readonly campus: CampusId; readonly node: NodeId };

export class HostSession {
  readonly #options: HostSessionOptions;
  readonly #nodes = new Map<string, { readonly address: NodeAddress; readonly session: NodeSession }>();
  #timestamp: Timestamp = 0;
  /** Beyond every STATE of this host that was ever seen: edge nodes ignore an older one. */
  #timestampMin: Timestamp = 0;
  #phase: "offline" | "connecting" | "online" = "offline";

  constructor(options: HostSessionOptions) {
    this.#options = options;
  }

  /** The will's timestamp is that of the CONNECT, and the birth's is the will's [tck-id-host-topic-phid-birth-payload-timestamp]. */
  connect(time: Timestamp): readonly HostEffect[] {
    this.#timestamp = Math.max(time, this.#timestampMin);
    this.#phase = "connecting";
    return [{ kind: "connect", will: this.#state(false, this.#timestamp) }];
  }

  /** Subscribes to everything and to its own STATE, before its birth [tck-id-message-flow-phid-sparkplug-subscription]. */
  connected(): readonly HostEffect[] {
    const { campus, host } = this.#options;
    const own = formatTopic({ type: "STATE", host });
    const subscriptions: readonly Subscription[] = [
      { filter: campus === undefined ? ALL_TOPICS : campusTopics(campus), qos: 1 },
      { filter: own, qos: 1 },
    ];
    return [{ kind: "subscribe", subscriptions }];
  }

  /** Birth. What was said while the link was down is unknown, so every node has to be born anew. */
  subscribed(time: Timestamp): readonly HostEffect[] {
    this.#phase = "online";
    for (const { session } of this.#nodes.values()) session.restart(time + BIRTH_GRACE_MS);
    return [{ kind: "publish", publication: this.#state(true, this.#timestamp) }];
  }

  connectionLost(): void {
    this.#phase = "offline";
  }

  /** A death of its own, with the time of leaving, before DISCONNECT [tck-id-operational-behavior-host-application-termination]. */
  stop(time: Timestamp): readonly HostEffect[] {
    if (this.#phase === "offline") return [];
    this.#phase = "offline";
    const timestamp = Math.max(time, this.#timestamp);
    return [{ kind: "publish", publication: this.#state(false, timestamp) }, { kind: "disconnect" }];
  }

  /**
   * A birth or death of this node was accepted and could not be kept: nothing more of it is accepted until it is born
   * anew, because its DATA would be read by births that are not there.
   */
  forget(address: NodeAddress, time: Timestamp): void {
    this.#node(address)?.restart(time);
  }

  /** Makes a node known that was heard of before this host started: if it stays silent it is asked for a birth. */
  expect(address: NodeAddress, time: Timestamp): void {
    this.#node(address)?.restart(time + BIRTH_GRACE_MS);
  }

  message(topicText: string, bytes: Uint8Array, time: Timestamp): readonly HostEffect[] {
    const topic = parseTopic(topicText);
    if (topic === undefined || topic.type === "foreign") return [];
    if (topic.type === "STATE") return this.#stateReceived(topic.host, bytes);
    if (topic.type === "NCMD" || topic.type === "DCMD") return [];
    const { campus, node } = topic.address;
    const session = this.#node({ campus, node });
    if (session === undefined) return [{ kind: "too-many-nodes", topic: topicText }];
    const decoded = decodePayload(bytes);
    if (!decoded.ok) return [{ kind: "malformed", topic: topicText, error: decoded.error }];
    const message: NodeMessage = {
      type: topic.type,
      address: topic.address,
      payload: decoded.payload,
      bytes,
      receivedAt: time,
    };
    return this.#withRequests(topic.address, session.receive(message, time));
  }

  /** To be called a few times a second: reorder windows that end, rebirth requests that had to wait. */
  tick(time: Timestamp): readonly HostEffect[] {
    if (this.#phase !== "online") return [];
    const effects: HostEffect[] = [];
    for (const { address, session } of this.#nodes.values()) {
      const due = session.tick(time);
      if (due.length > 0) effects.push(...this.#withRequests(address, due));
    }
    return effects;
  }

  /** Asks a node for its births, for a reason of the caller's; at most once an interval like every other request. */
  requestRebirth(address: NodeAddress, time: Timestamp): readonly HostEffect[] {
    const session = this.#node(address);
    return session === undefined ? [] : this.#withRequests(address, session.requestRebirth(time));
  }

  #withRequests(address: NodeAddress, effects: readonly NodeEffect[]): readonly HostEffect[] {
    return effects.flatMap((effect): HostEffect[] =>
      effect.kind === "rebirth"
        ? [effect, { kind: "publish", publication: rebirthCommand(address, effect.time) }]
        : [effect],
    );
  }

  /**
   * Somebody's late will says that this host is offline, which it is not: it says so
   * [tck-id-message-flow-hid-sparkplug-state-message-delivered]. A newer STATE than its own was said by this host before
   * its clock was stepped back; edge nodes believe the newer one, and the will's time is fixed, so it connects anew.
   */
  #stateReceived(host: HostId, bytes: Uint8Array): readonly HostEffect[] {
    if (host !== this.#options.host || this.#phase === "offline") return [];
    const state: HostState | undefined = readState(bytes);
    if (state === undefined) return [];
    if (state.timestamp > this.#timestamp) {
      this.#timestampMin = state.timestamp + 1;
      return [{ kind: "disconnect" }];
    }
    if (state.online || this.#phase !== "online") return [];
    return [{ kind: "publish", publication: this.#state(true, this.#timestamp) }];
  }

  #state(online: boolean, timestamp: Timestamp): Publication {
    return stateMessage(this.#options.host, { online, timestamp });
  }

  #node({ campus, node }: NodeAddress): NodeSession | undefined {
    const address = { campus, node };
    const key = addressKey(address);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known.session;
    if (this.#nodes.size >= NODES_MAX) return undefined;
    const session = new NodeSession(this.#options);
    this.#nodes.set(key, { address, session });
    return session;
  }
}
