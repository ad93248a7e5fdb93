/**
 * A simulated device: a real server of the device's own protocol on a loopback port, whose physical world is moved by
 * `set` and `raise` in the platform's vocabulary. The profile says how a value looks on the wire, in both directions,
 * so whatever a profile can read its simulator can play.
 */
import type { EventName, MetricName, SampleValue } from "../vocabulary/index.ts";

/**
 * The ways in which a simulated device can be broken, by the kinds of faults that real devices show.
 * Which of them a device can play depends on its protocol: {@link SimulatedDevice.faults}.
 */
export const SIMULATED_FAULTS = {
  down: "refuses connections",
  hang: "accepts and never answers",
  "half-open": "connections that stand go silent; a new one works",
  garbage: "answers with bytes that make no sense",
  fragmented: "splits and glues its frames at every byte, with noise between them",
  "late-replies": "answers a request only after the next one was sent",
  "clock-1970": "its clock stands at 1970",
  "clock-ahead": "its clock is eight hours ahead",
  "local-time": "tells times without an offset",
  replay: "sends its last events again after every reconnect",
  "counter-reset": "its serial numbers and counters start again, as after a factory reset",
  stuck: "shows the same value whatever happens",
  sentinel: "shows what it shows when a sensor is missing: 0xFFFF, 0x7FFF, 850 …",
  "subscription-lost": "forgets subscriptions, or moves them, without a word",
  lockout: "refuses the login, and locks the account after a few wrong ones",
  "stale-nonce": "calls every second nonce stale",
  "mislabelled-text": "sends GB18030 and calls it UTF-8, cut inside a character",
  "word-swapped": "its words come in the other order",
  "reboot-loop": "restarts after every few exchanges",
  storm: "sends its events hundreds of times",
  "not-done": "acknowledges a command and does nothing",
} as const;

export type SimulatedFault = keyof typeof SIMULATED_FAULTS;

export interface SimulatedDevice {
  /** The address an edge agent is configured with. Stays the same through faults. */
  readonly url: string;
  /** Moves the physical world: the next read, or a notice where the protocol has them, shows it. */
  set(metric: MetricName, value: SampleValue): void;
  /** What the device holds now, a value written by a client included. */
  get(metric: MetricName): SampleValue;
  /** Makes something happen, for example a card presented. Fields as the capability dictionary declares them. */
  raise(event: EventName, fields: Readonly<Record<string, SampleValue>>): void;
  /** What {@link fault} can play here. */
  readonly faults: readonly SimulatedFault[];
  /** Breaks the device, or mends it with null. Rejects for a fault that is not among {@link faults}. */
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
  /** Devices that call in: who it says it is, where several of a kind call one port. */
  readonly identity?: string;
  /** Gateways: the MQTT server that they publish to, for example `mqtt://127.0.0.1:1883`; one of their own unless said. */
  readonly mqttServer?: string;
  /**
   * What carries the frames of Modbus devices and meters; `tcp` unless said otherwise, which is Modbus TCP for the one
   * and a serial server for the other. A serial line is one end of a pseudo-terminal, made by `socat`.
   */
  readonly transport?: "tcp" | "rtu-over-tcp" | "serial";
  /** Modbus only: told of each request to a device, by its unit, when it has come. */
  readonly onRequest?: (unit: number) => void;
  /** Projectors only: real ones take 60 to 120 s for each change, and hang up after 30 s of silence. */
  readonly projector?: {
    readonly warmUp_ms?: number;
    readonly coolDown_ms?: number;
    readonly idle_ms?: number;
  };
}

/** What any server can play, whatever it serves. */
export const LINE_FAULTS = ["down", "hang", "garbage"] as const satisfies readonly SimulatedFault[];

/** What {@link FaultableTcpServer} plays for every protocol that keeps a TCP connection. */
export const TCP_FAULTS = [
  ...LINE_FAULTS,
  "half-open",
  "fragmented",
  "late-replies",
] as const satisfies readonly SimulatedFault[];

/** What it plays as well where the protocol has no restart of its own to play. */
export const REBOOTING_TCP_FAULTS = [
  ...TCP_FAULTS,
  "reboot-loop",
] as const satisfies readonly SimulatedFault[];

/** Throws for a fault that a device does not know how to play: a rehearsal that rehearses nothing helps nobody. */
export function checkFault(fault: SimulatedFault | null, faults: readonly SimulatedFault[]): void {
  if (fault === null || faults.includes(fault)) return;
  throw new RangeError(`this device cannot play the fault “${fault}”; it can play ${faults.join(", ")}`);
}
