/** The STATE message of a host application: JSON, retained, QoS 1 (chapters 4.3 and 6.4.26). */
import type { Publication } from "./publication.ts";
import { formatTopic, type HostId } from "./topics.ts";

export interface HostState {
  readonly online: boolean;
  /** Milliseconds since the Unix epoch: when the host's MQTT session began, or was ended on purpose. */
  readonly timestamp: number;
}

/** A STATE message has two short fields; a longer one is not one. */
export const STATE_BYTES_MAX = 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function stateMessage(host: HostId, state: HostState): Publication {
  const { online, timestamp } = state;
  const payload = encoder.encode(JSON.stringify({ online, timestamp }));
  return { topic: formatTopic({ type: "STATE", host }), payload, qos: 1, retain: true };
}

/** Undefined when the bytes are not a STATE payload of 3.0 (the plain `ONLINE` of 2.2 among them). */
export function readState(payload: Uint8Array): HostState | undefined {
  if (payload.length > STATE_BYTES_MAX) return undefined;
  let state: unknown;
  try {
    state = JSON.parse(decoder.decode(payload));
  } catch {
    return undefined;
  }
  if (typeof state !== "object" || state === null) return undefined;
  if (!("online" in state) || !("timestamp" in state)) return undefined;
  const { online, timestamp } = state;
  return typeof online === "boolean" && typeof timestamp === "number" && Number.isFinite(timestamp)
    ? { online, timestamp }
    : undefined;
}
