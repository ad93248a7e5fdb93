/**
 * A box in a folder: its own update service, with RAUC's own judgement of bundles, and its own proof at each start, over two
 * slots. What takes a machine is played: that a slot is written, and that the machine starts from it.
 */
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { dirname, join } from "node:path";
import { bundleInfo } from "../../image/box/core/bundle.ts";
import type { Slot } from "../../image/box/core/contract.ts";
import { AGENT_RESTARTS_MAX, type Findings, STABLE_MS } from "../../image/box/core/proof.ts";
import { Installer } from "../../image/box/installer.ts";
import { hasBroker, isDiskWritable } from "../../image/box/machine.ts";
import { imageOf, keep, readMemory, runningOf } from "../../image/box/memory.ts";
import { Places } from "../../image/box/places.ts";
import { prove } from "../../image/box/prove.ts";
import { type Rauc, raucCommand } from "../../image/box/rauc.ts";
import { serveRequests } from "../../image/box/server.ts";
import { KEYRING, systemConfiguration } from "../../image/rauc-files.ts";

const COMPATIBLE = "campus-ops-edge-amd64";
const FIRST = "0.1.0";
const LOOK_MS = 50;

export interface TwoSlotBoxOptions {
  /** What the machine's files lie below; the agent is told so by CAMPUS_OPS_MACHINE. */
  readonly root: string;
  /** Of the agent, where it puts what it has fetched. */
  readonly bundles: string;
  /** PEM of the root that bundles are signed below. */
  readonly keyring: string;
  /** Versions in which the agent ends whenever it is started. */
  readonly broken: ReadonlySet<string>;
  readonly startAgent: () => void;
  readonly endAgent: () => Promise<void>;
}

export class TwoSlotBox implements AsyncDisposable {
  /** What the machine has started from, in order. */
  readonly starts: Slot[] = [];
  readonly #options: TwoSlotBoxOptions;
  readonly #places: Places;
  readonly #server: Server;
  readonly #systems: Partial<Record<Slot, string>> = { A: FIRST };
  readonly #rauc: Rauc;
  #next: Slot = "A";
  #restarting: Promise<void> = Promise.resolve();

  private constructor(options: TwoSlotBoxOptions) {
    this.#options = options;
    this.#places = new Places(options.root);
    for (const file of [this.#places.image, this.#places.kernelArguments, this.#places.socket])
      mkdirSync(dirname(file), { recursive: true });
    mkdirSync(this.#places.agent, { recursive: true });
    const configuration = join(options.root, "system.conf");
    writeFileSync(configuration, systemConfiguration("amd64").replace(KEYRING, options.keyring));
    const judging = raucCommand([`--conf=${configuration}`]);
    this.#rauc = {
      ...judging,
      install: async (file, onPercent) => {
        onPercent(50);
        const other = this.#other;
        this.#systems[other] = bundleInfo(judging.info(file).text).version;
        this.#next = other;
        return { isDone: true, text: "" };
      },
      mark: (as, which) => {
        const slot = which === "booted" ? this.#booted : this.#other;
        if (as === "good") this.#next = slot;
        else if (this.#next === slot) this.#next = slot === "A" ? "B" : "A";
        return { isDone: true, text: "" };
      },
    };
    this.#server = this.#serve();
  }

  static async start(options: TwoSlotBoxOptions): Promise<TwoSlotBox> {
    const box = new TwoSlotBox(options);
    const listens = once(box.#server, "listening");
    box.#server.listen(box.#places.socket);
    await listens;
    await box.#boot();
    return box;
  }

  get #booted(): Slot {
    return this.starts.at(-1) ?? "A";
  }

  get #other(): Slot {
    return this.#booted === "A" ? "B" : "A";
  }

  #serve(): Server {
    const installer = (): Installer =>
      new Installer({
        image: imageOf(this.#places),
        folders: [this.#options.bundles],
        rauc: this.#rauc,
        written: (slot) => ({ ...imageOf(this.#places), version: this.#systems[slot] ?? "" }),
        memory: () =>
          readMemory(this.#places) ?? {
            update: { state: "idle", running: runningOf(this.#places), at: now() },
          },
        keep: (memory) => keep(this.#places, memory),
        now,
        hasBroker: async () => (await hasBroker(this.#places)) === true,
        catchUp: () => false,
        pause: async () => undefined,
        restart: () => this.#restart(),
      });
    // The socket starts the service for each request, as systemd does on a box.
    return serveRequests((line) => installer().ask(line));
  }

  #restart(): void {
    this.#restarting = this.#options.endAgent().then(() => this.#boot());
  }

  async #boot(): Promise<void> {
    this.starts.push(this.#next);
    const version = this.#systems[this.#booted] ?? "";
    const image = { compatible: COMPATIBLE, version, built: now() };
    writeFileSync(this.#places.image, JSON.stringify(image));
    writeFileSync(this.#places.kernelArguments, `ro quiet rauc.slot=${this.#booted}\n`);
    rmSync(this.#places.told, { force: true });
    const isBroken = this.#options.broken.has(version);
    if (!isBroken) this.#options.startAgent();
    const proven = prove({
      rauc: this.#rauc,
      running: runningOf(this.#places),
      memory: () => readMemory(this.#places),
      keep: (memory) => keep(this.#places, memory),
      now,
      find: async () => ({ ...(await this.#agent(isBroken)), isDiskWritable: isDiskWritable(this.#places) }),
      pause: () => new Promise((resolve) => setTimeout(resolve, LOOK_MS)),
      restart: () => this.#restart(),
      say: () => undefined,
    });
    await proven;
  }

  /** A minute is played; that the agent is with its broker is what it says itself. */
  async #agent(isBroken: boolean): Promise<Omit<Findings, "isDiskWritable">> {
    if (isBroken)
      return { uptime_ms: 0, agent_ms: undefined, agentRestarts: AGENT_RESTARTS_MAX, hasBroker: undefined };
    return {
      uptime_ms: 0,
      agent_ms: STABLE_MS,
      agentRestarts: 0,
      hasBroker: await hasBroker(this.#places),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

const now = (): string => new Date().toISOString();
