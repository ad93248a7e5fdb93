/**
 * Who is alive on the wire: a birth before what no birth has named, a death after the last word, and everything anew when
 * the clock was set back. What decides is the core's (`device-deaths`, `set-back`).
 */
import type { Metric } from "@campus-ops/broker/sparkplug";
import type { DeviceId } from "@campus-ops/device-profiles/vocabulary";
import type { Clock } from "./core/clock.ts";
import { DeviceDeaths, type DevicePresence } from "./core/device-deaths.ts";
import { RETELL_MS_MIN } from "./core/set-back.ts";
import type { EdgeNode } from "./mqtt/edge-node.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { NewRecord } from "./outbox/record.ts";

type Wire = Pick<EdgeNode, "born" | "isDeviceBorn" | "birthDevice" | "endDevice" | "rebirth">;

export interface PresenceOptions {
  /** Those that are configured, and whether they answer. */
  readonly devices: ReadonlyMap<DeviceId, { readonly model: { readonly isUnreachable: boolean } }>;
  readonly outbox: Pick<Outbox, "devicesWaiting" | "mustRetell" | "retold">;
  readonly node: () => Wire;
  readonly clock: Clock;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #deaths = new DeviceDeaths();
  /** Devices that are configured no more, and whose records still wait. */
  readonly #departed: Set<DeviceId>;
  /** Names in the last birth of each device; none after its death. */
  readonly #named = new Map<string, ReadonlySet<string>>();
  /** Records of each device that are not durable yet. */
  readonly #appending = new Map<string, number>();
  /** Uptime of the last birth because the clock had been set back. */
  #retold_ms = Number.NEGATIVE_INFINITY;

  /** `options.devices` may change; it is looked at each time anew. */
  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#departed = new Set(options.outbox.devicesWaiting().filter((id) => !options.devices.has(id)));
  }

  /** Who is born with the node: what is configured, and what still has something to say. */
  everybody(): readonly DeviceId[] {
    return [...this.#options.devices.keys(), ...this.#departed];
  }

  /** It is configured no more. Its records still go out; its DDEATH follows them. */
  retire(id: DeviceId): void {
    this.#deaths.forget(id);
    this.#named.delete(id);
    this.#departed.add(id);
  }

  /** One that changed is another device from now on, and its old records find a place in the new birth. */
  admit(id: DeviceId): void {
    const node = this.#options.node();
    if (this.#departed.delete(id)) node.endDevice(id);
    node.birthDevice(id);
  }

  /** The metrics of a birth that is about to go out. */
  born(id: DeviceId, metrics: readonly Metric[]): void {
    this.#named.set(id, new Set(metrics.map(({ name }) => name ?? "")));
  }

  /** Records of a device are about to be kept: it is born again before what its last birth did not name. */
  announce(id: DeviceId, records: readonly NewRecord[]): void {
    const node = this.#options.node();
    const named = this.#named.get(id);
    const known = records.every(({ metrics }) =>
      metrics.every(({ name }) => named?.has(name ?? "") === true),
    );
    if (!node.born || known) return;
    if (!node.isDeviceBorn(id)) this.#deaths.returned(id, this.#uptime_ms());
    node.birthDevice(id);
  }

  /** Nobody dies while something of it is on its way to the disk. */
  async keeping<T>(records: readonly NewRecord[], work: () => Promise<T>): Promise<T> {
    const owners = new Set(records.map(({ device }) => device));
    for (const owner of owners) this.#count(owner, 1);
    try {
      return await work();
    } finally {
      for (const owner of owners) this.#count(owner, -1);
    }
  }

  /** DDEATH of whoever is gone and has nothing more to say. */
  tellDeaths(): void {
    const { node, outbox } = this.#options;
    const wire = node();
    const waiting = new Set(outbox.devicesWaiting());
    for (const id of this.#departed) {
      if (waiting.has(id)) continue;
      this.#departed.delete(id);
      wire.endDevice(id);
    }
    if (!wire.born) return;
    const { births, deaths } = this.#deaths.look(this.#look(wire, waiting), this.#uptime_ms());
    for (const id of births) wire.birthDevice(id);
    for (const id of deaths) {
      this.#named.delete(id);
      wire.endDevice(id);
    }
  }

  /** What came late may have put what is older over what is newer; a birth is how things are now. */
  retell(): void {
    const { node, outbox } = this.#options;
    const uptime_ms = this.#uptime_ms();
    if (!node().born || uptime_ms - this.#retold_ms < RETELL_MS_MIN || !outbox.mustRetell) return;
    this.#retold_ms = uptime_ms;
    node().rebirth();
    outbox.retold();
  }

  *#look(wire: Wire, waiting: ReadonlySet<DeviceId>): Generator<DevicePresence> {
    for (const [id, { model }] of this.#options.devices) {
      yield {
        id,
        isGone: model.isUnreachable,
        isBorn: wire.isDeviceBorn(id),
        isWaiting: this.#appending.has(id) || waiting.has(id),
      };
    }
  }

  #count(owner: string, by: number): void {
    const count = (this.#appending.get(owner) ?? 0) + by;
    if (count === 0) this.#appending.delete(owner);
    else this.#appending.set(owner, count);
  }

  #uptime_ms(): number {
    return this.#options.clock.instant().uptime_ms;
  }
}
