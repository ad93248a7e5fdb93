/**
 * Turns journal entries, in their order, into what they say. Pure: the same entries give the same results, whenever
 * and by whomever they are read.
 *
 * A reader that starts in the middle primes it with `births(seq)` of its first entry's predecessor.
 */
import {
  type Address,
  AssetPath,
  addressKey,
  type CampusId,
  DEVICE_CLASSES,
  type DeviceClass,
  type DeviceId,
  type NodeId,
} from "@campus-ops/device-profiles/vocabulary";
import { AliasTable, type NamedMetric } from "../sparkplug/aliases.ts";
import { decodePayload } from "../sparkplug/codec.ts";
import { type ReadMetrics, type ReceivedSample, readMetrics } from "../sparkplug/mapping.ts";
import { HANDOFF_ACCOUNT, readAccount } from "../sparkplug/outbox-account.ts";
import type { Payload } from "../sparkplug/payload.ts";
import type { BirthProperties, DecodedEntry, PresenceChange } from "./decoded-entry.ts";
import type { JournalEntry } from "./entry.ts";

export * from "./decoded-entry.ts";
export type { EntryKind, JournalEntry } from "./entry.ts";

const BDSEQ = "bdSeq";

interface NodeState {
  readonly campus: CampusId;
  readonly node: NodeId;
  readonly aliases: AliasTable;
  presence: Presence;
  bdSeq: unknown;
  /** Devices that were born. */
  readonly devices: Map<DeviceId, Presence>;
}

/**
 * `unknown` after priming: births tell the names, but a death may have come between them and where the reader starts.
 * What is said then may repeat what the reader already knows, and never leaves out what it does not.
 */
type Presence = "online" | "offline" | "unknown";

export class JournalDecoder {
  readonly #nodes = new Map<string, NodeState>();

  /** Learns births without reporting them. */
  prime(births: Iterable<JournalEntry>): void {
    for (const birth of births) this.decode(birth);
    for (const node of this.#nodes.values()) {
      node.presence = "unknown";
      for (const device of node.devices.keys()) node.devices.set(device, "unknown");
    }
  }

  /** Entries must come in the order of their numbers. Never throws. */
  decode(entry: JournalEntry): DecodedEntry {
    const { seq, receivedAt, kind, address } = entry;
    const base = { seq, receivedAt, kind, samples: [], events: [], presence: [], leftOut: 0 };
    if (address === undefined) return base;
    const decoded = decodePayload(entry.payload);
    if (!decoded.ok) return { ...base, address, problem: decoded.error.message };
    const { payload } = decoded;
    const state = this.#stateOf(address);
    const newSession = kind === "NBIRTH" && state.bdSeq !== undefined && state.bdSeq !== bdSeqOf(payload);
    const presence = this.#presence(state, entry, address, payload);
    if (kind === "NDEATH" || kind === "DDEATH") return { ...base, address, presence };

    const { metrics, unresolved } = this.#named(state, entry, address, payload);
    const read = readMetrics(metrics, { time: payload.timestamp ?? receivedAt });
    return {
      seq,
      receivedAt,
      kind,
      address,
      samples: read.samples,
      events: read.events,
      presence,
      leftOut: unresolved + read.unknown.length + read.mistyped.length,
      ...(kind === "NBIRTH" || kind === "DBIRTH" ? { properties: propertiesOf(read) } : {}),
      ...(read.handoff === undefined ? {} : { range: read.handoff }),
      ...(newSession ? { newSession } : {}),
      ...(kind === "NBIRTH" ? accountOf(metrics) : {}),
    };
  }

  #stateOf({ campus, node }: Address): NodeState {
    const key = addressKey({ campus, node });
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const state: NodeState = {
      campus,
      node,
      aliases: new AliasTable(),
      presence: "offline",
      bdSeq: undefined,
      devices: new Map(),
    };
    this.#nodes.set(key, state);
    return state;
  }

  #named(
    { aliases }: NodeState,
    { kind }: JournalEntry,
    { device }: Address,
    payload: Payload,
  ): { metrics: readonly NamedMetric[]; unresolved: number } {
    if (kind === "NBIRTH" || kind === "DBIRTH") aliases.learn(device, payload);
    const resolved = aliases.resolve(device, payload);
    return { metrics: resolved.metrics, unresolved: resolved.unresolved.length };
  }

  #presence(state: NodeState, entry: JournalEntry, address: Address, payload: Payload): PresenceChange[] {
    const { kind, receivedAt } = entry;
    const { device } = address;
    const node = { campus: state.campus, node: state.node };
    switch (kind) {
      case "NBIRTH": {
        const { presence } = state;
        const again = presence !== "offline" && state.bdSeq !== undefined && state.bdSeq === bdSeqOf(payload);
        state.bdSeq = bdSeqOf(payload);
        state.presence = "online";
        const change = presence === "online" ? [] : [{ address: node, online: true, at: receivedAt }];
        // A rebirth on request, in the same session: nobody was away, and the devices' births follow at once.
        return again ? change : [...change, ...this.#devicesGone(state, receivedAt)];
      }
      case "NDEATH": {
        // A broker may deliver the will of an older session late [tck-id-payloads-ndeath-bdseq].
        const bdSeq = bdSeqOf(payload);
        if (
          state.presence === "offline" ||
          (bdSeq !== undefined && state.bdSeq !== undefined && bdSeq !== state.bdSeq)
        )
          return [];
        state.presence = "offline";
        return [{ address: node, online: false, at: receivedAt }, ...this.#devicesGone(state, receivedAt)];
      }
      case "DBIRTH":
      case "DDEATH": {
        if (device === undefined) return [];
        const online = kind === "DBIRTH";
        const known = state.devices.get(device) ?? "offline";
        const now: Presence = online ? "online" : "offline";
        if (known === now) return [];
        state.devices.set(device, now);
        const at = online ? receivedAt : (payload.timestamp ?? receivedAt);
        return [{ address, online, at }];
      }
      default:
        return [];
    }
  }

  #devicesGone(state: NodeState, at: number): PresenceChange[] {
    const gone: PresenceChange[] = [];
    // In the order of their names: the order in which they were born is not known to a reader that starts in the middle.
    for (const [device, presence] of [...state.devices].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (presence === "offline") continue;
      state.devices.set(device, "offline");
      gone.push({ address: { campus: state.campus, node: state.node, device }, online: false, at });
    }
    return gone;
  }
}

function bdSeqOf(payload: Payload): unknown {
  return payload.metrics.find(({ name }) => name === BDSEQ)?.value;
}

function accountOf(metrics: readonly NamedMetric[]): Pick<DecodedEntry, "account"> {
  const stated = metrics.find(({ name }) => name === HANDOFF_ACCOUNT);
  const account = stated === undefined ? undefined : readAccount(stated);
  return account === undefined ? {} : { account };
}

function propertiesOf({ samples }: ReadMetrics): BirthProperties {
  const own = new Map<string, string>();
  for (const { metric, value } of samples as readonly ReceivedSample[]) {
    if (metric.startsWith("Properties/") && typeof value === "string" && value !== "")
      own.set(metric.slice("Properties/".length), value);
  }
  const text = (name: string, key: string) => {
    const value = own.get(name);
    return value === undefined ? {} : { [key]: value };
  };
  const zh = own.get("TitleZh") ?? own.get("TitleEn");
  const en = own.get("TitleEn") ?? own.get("TitleZh");
  const deviceClass = own.get("Class");
  const path = validPath(own.get("Path"));
  return {
    ...(deviceClass !== undefined && isDeviceClass(deviceClass) ? { class: deviceClass } : {}),
    ...(zh === undefined || en === undefined ? {} : { title: { zh, en } }),
    ...(path === undefined ? {} : { path }),
    ...text("Profile", "profile"),
    ...text("DependsOn", "dependsOn"),
    ...text("Proven", "proven"),
  };
}

function isDeviceClass(text: string): text is DeviceClass {
  return Object.hasOwn(DEVICE_CLASSES, text);
}

function validPath(text: string | undefined): AssetPath | undefined {
  if (text === undefined) return undefined;
  try {
    return AssetPath(text);
  } catch {
    return undefined;
  }
}
