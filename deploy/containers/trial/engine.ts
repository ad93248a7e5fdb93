/** Podman with a configuration and a store of its own below one folder: the machine's own containers and images are not seen. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandOptions, run } from "../../image/command.ts";

export class Engine {
  /** What Podman and podman-compose go by. */
  readonly environment: Readonly<Record<string, string>>;

  constructor(folder: string) {
    mkdirSync(join(folder, "networks"), { recursive: true });
    const files = { "containers.conf": configuration(folder), "storage.conf": storage(folder) };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    this.environment = {
      CONTAINERS_CONF: join(folder, "containers.conf"),
      CONTAINERS_STORAGE_CONF: join(folder, "storage.conf"),
    };
  }

  podman(words: readonly string[], options: Omit<CommandOptions, "environment"> = {}): string {
    return run("podman", words, { ...options, environment: this.environment });
  }

  hasImage(name: string): boolean {
    return this.podman(["images", "--quiet", name]).trim() !== "";
  }

  /**
   * Builds `file` with what is in `context`, and with the network of this machine: Debian's and npm's packages come by it.
   * `authority`: whose certificates the build trusts besides.
   */
  build(name: string, file: string, context: string, authority?: string): void {
    const secret = authority === undefined ? [] : ["--secret", `id=authority,src=${authority}`];
    this.podman(["build", "--network", "host", ...secret, "--file", file, "--tag", name, context]);
  }

  /** The last lines that a container wrote. */
  log(container: string, lines: number): string {
    return this.podman(["logs", "--tail", String(lines), container]);
  }
}

/**
 * crun refuses machines with both kinds of control groups, runc does not. Limits of a process stay those of this machine, which not
 * every root may raise.
 */
const configuration = (folder: string): string => `[containers]
default_ulimits = []
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "${join(folder, "networks")}"
`;

const storage = (folder: string): string => `[storage]
driver = "overlay"
graphroot = "${join(folder, "store")}"
runroot = "${join(folder, "run")}"
`;
