/** From decoded journal entries to what the use of rooms is derived from. */
import type { DecodedEntry } from "@campus-ops/broker/journal";
import {
  type Address,
  type AssetPath,
  addressKey,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import type { Scalar } from "../core/input.ts";
import { CARD_METRIC, type Utterance } from "../core/use/sessions.ts";
import { means } from "../core/use/signals.ts";
import type { UseBatch } from "./use-store.ts";

export interface Gathered {
  readonly devices: UseBatch["devices"][number][];
  readonly utterances: Utterance[];
  readonly nodes: UseBatch["nodes"][number][];
}

/** Adds what `entry` says. A device's room is the place of its birth, or its campus when it names none. */
export function gather(entry: DecodedEntry, campusPath: (campus: string) => AssetPath, into: Gathered): void {
  const { address, receivedAt } = entry;
  for (const { address: who, online, at } of entry.presence)
    if (who.device === undefined) into.nodes.push({ node: addressKey(who), online, at });
  if (address?.device === undefined) return;
  const device = addressKey(address);
  if (entry.kind === "DBIRTH") {
    const room = entry.properties?.path ?? campusPath(address.campus);
    into.devices.push({ device, node: nodeOf(address), room, at: receivedAt });
  }
  for (const { metric, value, quality, eventTime } of entry.samples) {
    if (!means(metric)) continue;
    into.utterances.push({
      device,
      at: eventTime,
      metric,
      value: quality.status === "bad" ? null : scalar(value),
    });
  }
  for (const { event, fields, eventTime } of entry.events)
    if (event === CARD_METRIC)
      into.utterances.push({ device, at: eventTime, metric: CARD_METRIC, value: fields.begin === true });
}

const nodeOf = ({ campus, node }: Address): string => addressKey({ campus, node });

const scalar = (value: SampleValue): Scalar => (typeof value === "bigint" ? Number(value) : value);
