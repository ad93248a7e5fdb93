/** What an agent is given: whatever it does not choose by itself. */
import type { MetricName, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service/process";
import type { Configuration, DeviceConfiguration } from "./configuration.ts";
import type { Random } from "./core/backoff.ts";
import type { Clock } from "./core/clock.ts";
import type { DeviceSession } from "./drivers/driver.ts";
import type { CallCounts } from "./drivers/listener/call-tally.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { CommandOutcome } from "./supervisor/carry-out.ts";

export interface AgentOptions {
  readonly configuration: Configuration;
  readonly outbox: Outbox;
  /** Folder whose free space the box reports. */
  readonly dataFolder: string;
  readonly version: string;
  readonly openDevice: (
    device: DeviceConfiguration,
    cursor: string | undefined,
    signal: AbortSignal,
    /** See `DriverEnvironment.onCall`. */
    onCall: () => void,
  ) => Promise<DeviceSession>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Carries out what the hub writes to the node itself; absent: every such write is refused. */
  readonly writeNode?: (metric: MetricName, value: SampleValue, id: string) => Promise<CommandOutcome>;
  /** See `ConnectionOptions.program`. */
  readonly program?: string;
  /** When the box's certificate ends, milliseconds since the epoch; undefined where it has none. */
  readonly certificateEnds?: () => number | undefined;
  /** Calls at the ports of this box that came to nothing; absent: nobody counts them. */
  readonly callsTurnedAway?: () => CallCounts;
}
