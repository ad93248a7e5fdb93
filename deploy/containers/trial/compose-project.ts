/** One compose file, as podman-compose starts it: a copy of the manifests in a folder of their own, and the containers of it. */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../image/command.ts";
import { ROOT, servicesOf } from "./compose-file.ts";
import type { Engine } from "./engine.ts";

/** Below which relative paths of the compose files lead. */
const MANIFESTS = ["deploy/compose", "deploy/kubernetes/base", "dashboards/grafana/provisioning"];
const LOG_LINES = 40;

export class ComposeProject {
  /** Holds the manifests as in a checkout. */
  readonly folder: string;
  readonly #engine: Engine;
  readonly #name: string;
  readonly #file: string;

  /** Removes whatever a trial that was broken off has left. */
  constructor(engine: Engine, { folder, name, file }: { folder: string; name: string; file: string }) {
    this.#engine = engine;
    this.folder = folder;
    this.#name = `campus-ops-trial-${name}`;
    this.#file = file;
    engine.podman(["rm", "--all", "--force", "--volumes"]);
    engine.podman(["volume", "rm", "--all", "--force"]);
    rmSync(folder, { recursive: true, force: true });
    for (const each of MANIFESTS) cpSync(join(ROOT, each), join(folder, each), { recursive: true });
  }

  /** podman-compose with these words; what it wrote to its output. */
  compose(words: readonly string[], input = ""): string {
    const which = ["-p", this.#name, "-f", join(this.folder, this.#file)];
    return run("podman-compose", [...which, ...words], { input, environment: this.#engine.environment });
  }

  /**
   * Starts a service that is on this machine's own network. podman-compose 1.0 gives it one of the project's besides, which Podman
   * refuses: what it would run is run without.
   */
  upOnHost(service: string): void {
    const planned = this.compose(["--dry-run", "up", "--detach", "--no-build", service]).split("\n");
    const begins = `podman run --name=${this.#container(service)} `;
    const words =
      planned
        .find((line) => line.startsWith(begins))
        ?.split(" ")
        .slice(1) ?? [];
    const besides = words.indexOf("--net");
    if (besides < 0) throw new Error(`podman-compose does not say how it would start ${service}`);
    // Its network, and its name there.
    words.splice(besides, "--net project --network-alias service".split(" ").length);
    this.#engine.podman(words);
  }

  /** Podman with these words about the container of a service. */
  podman(words: readonly string[], service: string): string {
    return this.#engine.podman([...words, this.#container(service)]);
  }

  /** A command in the container of a service. */
  exec(service: string, words: readonly string[], input = ""): string {
    return this.#engine.podman(["exec", "--interactive", this.#container(service), ...words], { input });
  }

  /** Its health check, as Docker asks it: podman-compose 1.0 gets the quotes of a check wrong. Throws where it does not hold. */
  check(service: string): void {
    const [, ...words] = servicesOf(this.#file)[service]?.healthcheck?.test ?? [];
    if (words.length === 0) throw new Error(`${service} has no health check`);
    this.exec(service, words);
  }

  /** The last words of all containers, for a trial that failed. */
  tell(): void {
    for (const service of Object.keys(servicesOf(this.#file))) {
      try {
        console.error(`--- ${service}\n${this.#engine.log(this.#container(service), LOG_LINES)}`);
      } catch {
        console.error(`--- ${service} has no log`);
      }
    }
  }

  down(): void {
    this.compose(["down", "--volumes"]);
  }

  #container(service: string): string {
    return `${this.#name}_${service}_1`;
  }
}
