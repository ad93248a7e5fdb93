/**
 * Server-sent events: devices and nodes as they change. The cursor is the number of the journal entry that changed
 * them, so a client resumes across a restart of this process, and what it missed is sent once, in its newest state.
 */
import type { ServerResponse } from "node:http";
import type { DeviceView, NodeView } from "../api.ts";
import type { DeviceAsset, DeviceRegistry, NodeAsset, RegistryChanges } from "../core/registry.ts";
import { deviceView, nodeView } from "../core/views.ts";

/** Changes of one asset within this time are sent as one. */
export const GATHER_MS = 50;
export const CLIENTS_MAX = 256;
const ALIVE_MS = 10_000;

interface Client {
  readonly response: ServerResponse;
  /** Everything up to this entry has been sent. */
  sent: number;
}

export class LiveStream {
  readonly #registry: DeviceRegistry;
  readonly #clients = new Set<Client>();
  readonly #changed = new Set<DeviceAsset | NodeAsset>();
  readonly #alive: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;
  #newest = 0;

  constructor(registry: DeviceRegistry) {
    this.#registry = registry;
    for (const asset of this.#assets()) this.#newest = Math.max(this.#newest, asset.changed);
    this.#alive = setInterval(() => {
      for (const { response } of this.#clients)
        if (!response.writableNeedDrain) response.write(": alive\n\n");
    }, ALIVE_MS);
  }

  get clients(): number {
    return this.#clients.size;
  }

  changed({ devices, nodes }: RegistryChanges): void {
    for (const asset of [...devices, ...nodes]) {
      this.#changed.add(asset);
      this.#newest = Math.max(this.#newest, asset.changed);
    }
    if (this.#changed.size > 0) this.#gathering ??= setTimeout(() => this.#send(), GATHER_MS);
  }

  /** Streams until the response is closed. Without `after`, from now on. False when there are too many clients. */
  add(response: ServerResponse, after: number | undefined): boolean {
    if (this.#clients.size >= CLIENTS_MAX) return false;
    const client: Client = { response, sent: after ?? this.#newest };
    this.#clients.add(client);
    response.on("close", () => this.#clients.delete(client));
    // An id without data tells the client where it is before anything has happened (WHATWG HTML, 9.2.6).
    response.write(`id: ${client.sent}\n\n`);
    this.#catchUp(client);
    return true;
  }

  close(): void {
    clearInterval(this.#alive);
    clearTimeout(this.#gathering);
    for (const { response } of this.#clients) response.end();
  }

  #send(): void {
    this.#gathering = undefined;
    const previous = this.#previous;
    const frames = framesOf(this.#changed, this.#newest);
    this.#changed.clear();
    this.#previous = this.#newest;
    for (const client of this.#clients) {
      if (client.response.writableNeedDrain) continue;
      if (client.sent < previous) this.#catchUp(client);
      else {
        client.response.write(frames);
        client.sent = this.#newest;
      }
    }
  }

  /** Up to where all clients that keep up had been sent at the last turn. */
  #previous = 0;

  /** For a client that was away or is slow: everything that changed since, once. */
  #catchUp(client: Client): void {
    if (client.sent >= this.#newest) return;
    const missed = [...this.#assets()].filter(({ changed }) => changed > client.sent);
    client.response.write(framesOf(missed, this.#newest));
    client.sent = this.#newest;
  }

  *#assets(): Generator<DeviceAsset | NodeAsset> {
    yield* this.#registry.nodes.values();
    yield* this.#registry.devices.values();
  }
}

/** Only the last frame bears the cursor: whoever loses the line in between is sent all of them again. */
function framesOf(assets: Iterable<DeviceAsset | NodeAsset>, cursor: number): string {
  const frames: string[] = [];
  for (const asset of assets) {
    const view: DeviceView | NodeView | undefined = "health" in asset ? deviceView(asset) : nodeView(asset);
    if (view !== undefined)
      frames.push(`event: ${"health" in asset ? "device" : "node"}\ndata: ${JSON.stringify(view)}\n`);
  }
  return frames.length === 0 ? "" : `${frames.join("\n")}id: ${cursor}\n\n`;
}
