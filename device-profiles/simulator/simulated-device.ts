/**
 * A simulated device: a real server of the device's own protocol on a loopback port, whose physical world is moved by
 * `set` and `raise` in the platform's vocabulary. The profile says how a value looks on the wire, in both directions,
 * so whatever a profile can read its simulator can play.
 */
import type { EventName, MetricName, SampleValue } from "../vocabulary/index.ts";

/**
 * down: refuses connections · hang: accepts and never answers · garbage: answers with bytes that make no sense.
 */
export type SimulatedFault = "down" | "hang" | "garbage";

export interface SimulatedDevice {
  /** The address an edge agent is configured with. Stays the same through faults. */
  readonly url: string;
  /** Moves the physical world: the next read, or a notice where the protocol has them, shows it. */
  set(metric: MetricName, value: SampleValue): void;
  /** What the device holds now, a value written by a client included. */
  get(metric: MetricName): SampleValue;
  /** Makes something happen, for example a card presented. Fields as the capability dictionary declares them. */
  raise(event: EventName, fields: Readonly<Record<string, SampleValue>>): void;
  /** Breaks the device, or mends it with null. */
  fault(fault: SimulatedFault | null): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** Loopback port; 0 or absent takes a free one. */
  readonly port?: number;
  /** Wall clock of the device, milliseconds since the Unix epoch. Real devices are often wrong. */
  readonly now?: () => number;
  readonly username?: string;
  readonly secret?: string;
  /** Projectors only: real ones take 60 to 120 s for each change, and hang up after 30 s of silence. */
  readonly projector?: {
    readonly warmUp_ms?: number;
    readonly coolDown_ms?: number;
    readonly idle_ms?: number;
  };
}
