/**
 * Another network on this machine, joined to ours or to one like it by one virtual cable that can be pulled. Needs root or
 * sudo without a password, as installing the tests' peers does.
 */
import { spawnSync } from "node:child_process";

const SUDO = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
/** Linux takes no longer names for interfaces. */
const NAME_CHARACTERS_MAX = 15;
/** Third octet of the first one's addresses. */
const NET_FIRST = 77;

export interface NamespaceOptions {
  /** At the other end of its cable; ours unless said. It is to be removed after this one. */
  readonly beside?: NetworkNamespace;
  /** Tells several of one process apart, and their addresses: 0 unless said. */
  readonly number?: number;
}

export class NetworkNamespace {
  /** The other end's address: what programs inside reach it by. From the range that RFC 2544 keeps for benchmarks. */
  readonly outside: string;
  readonly inside: string;
  readonly #name: string;
  readonly #cable: string;
  /** Where the other end is: arguments of `ip`. */
  readonly #beside: readonly string[];

  /** Throws with what to do when this machine does not let us. */
  constructor({ beside, number = 0 }: NamespaceOptions = {}) {
    const net = `198.18.${NET_FIRST + number}`;
    this.outside = `${net}.1`;
    this.inside = `${net}.2`;
    this.#name = `campus-ops-${process.pid}-${number}`;
    this.#cable = `co${process.pid}n${number}`.slice(0, NAME_CHARACTERS_MAX - 1);
    this.#beside = beside === undefined ? [] : ["-netns", beside.#name];
    ip("netns", "add", this.#name);
    try {
      const far = `${this.#cable}x`;
      ip(
        ...this.#beside,
        "link",
        "add",
        this.#cable,
        "type",
        "veth",
        "peer",
        "name",
        far,
        "netns",
        this.#name,
      );
      ip(...this.#beside, "address", "add", `${this.outside}/30`, "dev", this.#cable);
      ip("-netns", this.#name, "address", "add", `${this.inside}/30`, "dev", far);
      ip("-netns", this.#name, "link", "set", far, "up");
      // Programs inside speak to each other over a loopback of their own.
      ip("-netns", this.#name, "link", "set", "lo", "up");
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
    ip(...this.#beside, "link", "set", this.#cable, "down");
  }

  heal(): void {
    ip(...this.#beside, "link", "set", this.#cable, "up");
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
