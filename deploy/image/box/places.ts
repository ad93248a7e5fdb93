/** Where things lie on a box. A test puts all of them below a folder of its own. */
import { join } from "node:path";
import { IMAGE_FILE, UPDATE_FILE, UPDATE_SOCKET } from "./core/contract.ts";

export class Places {
  readonly #below: string;

  constructor(below = "/") {
    this.#below = below;
  }

  get image(): string {
    return join(this.#below, IMAGE_FILE);
  }

  /** What everybody reads; gone after a restart. */
  get told(): string {
    return join(this.#below, UPDATE_FILE);
  }

  /** What outlives a restart, on the data partition. */
  get memory(): string {
    return join(this.#below, "/var/lib/campus-ops/update.json");
  }

  get socket(): string {
    return join(this.#below, UPDATE_SOCKET);
  }

  get kernelArguments(): string {
    return join(this.#below, "/proc/cmdline");
  }

  /** Folder of the agent's own sockets. */
  get agent(): string {
    return join(this.#below, "/run/campus-ops-edge");
  }

  get stick(): string {
    return join(this.#below, "/run/campus-ops/stick");
  }

  /** The slot that does not run, while it is looked at. */
  get other(): string {
    return join(this.#below, "/run/campus-ops/other");
  }

  /** The box's own partition for its seed. */
  get seed(): string {
    return join(this.#below, "/media/EDGECFG");
  }

  /** Partitions by the labels of their file systems, and by their own names. */
  get byLabel(): string {
    return join(this.#below, "/dev/disk/by-label");
  }
  get byPartLabel(): string {
    return join(this.#below, "/dev/disk/by-partlabel");
  }

  /** The new disk's partition for the seed, while it is written. */
  get written(): string {
    return join(this.#below, "/run/campus-ops/written");
  }

  /** systemd-timesyncd makes it when it has heard a server. */
  get synchronised(): string {
    return join(this.#below, "/run/systemd/timesync/synchronized");
  }
}
