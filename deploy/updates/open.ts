/** Updates put together, for the process that has the boxes' port. */
import { join } from "node:path";
import type { RollOut } from "@campus-ops/dashboards/updates";
import { Counter, type Log, type Registry } from "@campus-ops/service";
import { Bandwidth } from "./bandwidth.ts";
import { Downloads } from "./downloads.ts";
import { RollOutRunner } from "./runner.ts";
import { BundleShelf } from "./shelf.ts";
import type { HubLink } from "./sights.ts";
import { UpdateStore } from "./update-store.ts";

export interface UpdatesOptions {
  /** Of the hub's data. */
  readonly data: string;
  readonly keyring: string | undefined;
  readonly bytesPerSecondMax: number;
  readonly hub: HubLink;
  readonly now: () => number;
  readonly log: Log;
  readonly registry: Registry;
  readonly onTurn: (rollOut: RollOut) => void;
}

export interface OpenedUpdates {
  readonly shelf: BundleShelf;
  readonly runner: RollOutRunner;
  readonly downloads: Downloads;
  close(): void;
}

export function openUpdates(options: UpdatesOptions): OpenedUpdates {
  const { bytesPerSecondMax, data, hub, keyring, log, now, onTurn, registry } = options;
  const store = new UpdateStore(join(data, "updates.sqlite"));
  const shelf = new BundleShelf({ folder: join(data, "updates"), store, keyring, now });
  const runner = new RollOutRunner({ store, shelf, hub, now, log, onTurn });
  const counted = new Counter({
    name: "campus_ops_update_downloads_total",
    help: "requests of boxes for bundles, by what came of them",
    labelNames: ["outcome"] as const,
    registers: [registry],
  });
  const downloads = new Downloads({
    bundleFor: (box, sha256) => runner.bundleFor(box, sha256),
    bandwidth: new Bandwidth(bytesPerSecondMax, () => performance.now()),
    count: (outcome) => counted.inc({ outcome }),
  });
  return { shelf, runner, downloads, close: () => store.close() };
}
