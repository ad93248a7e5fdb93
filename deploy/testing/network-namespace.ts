/**
 * A second network on this machine, joined to ours by one virtual cable that can be pulled. Needs root or sudo without a
 * password, as installing the tests' peers does.
 */
import { spawnSync } from "node:child_process";

const SUDO = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
/** Linux takes no longer names for interfaces. */
const NAME_CHARACTERS_MAX = 15;

export class NetworkNamespace {
  /** Our end's address: what programs inside reach us by. From the range that RFC 2544 keeps for benchmarks. */
  readonly outside = "198.18.77.1";
  readonly inside = "198.18.77.2";
  readonly #name: string;
  readonly #cable: string;

  /** Throws with what to do when this machine does not let us. */
  constructor() {
    this.#name = `campus-ops-${process.pid}`;
    this.#cable = `co${process.pid}`.slice(0, NAME_CHARACTERS_MAX - 1);
    ip("netns", "add", this.#name);
    try {
      const far = `${this.#cable}x`;
      ip("link", "add", this.#cable, "type", "veth", "peer", "name", far, "netns", this.#name);
      ip("address", "add", `${this.outside}/30`, "dev", this.#cable);
      ip("-netns", this.#name, "address", "add", `${this.inside}/30`, "dev", far);
      ip("-netns", this.#name, "link", "set", far, "up");
      this.heal();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Put before a command, it runs inside. */
  get enter(): readonly string[] {
    return [...SUDO, "ip", "netns", "exec", this.#name];
  }

  /** Pulls the cable: no packet passes, and nobody is told. */
  cut(): void {
    ip("link", "set", this.#cable, "down");
  }

  heal(): void {
    ip("link", "set", this.#cable, "up");
  }

  /** The cable goes with it. */
  remove(): void {
    ip("netns", "delete", this.#name);
  }
}

function ip(...args: string[]): void {
  const [command = "", ...rest] = [...SUDO, "ip", ...args];
  const { status, stderr, error } = spawnSync(command, rest, {
    encoding: "utf8",
    env: { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  });
  if (status === 0) return;
  throw new Error(
    `${command} ${rest.join(" ")} failed: ${error?.message ?? stderr.trim()}. Two network namespaces need root (CAP_NET_ADMIN) and iproute2`,
  );
}
