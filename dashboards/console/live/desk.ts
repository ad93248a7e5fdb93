import type { QueryClient } from "@tanstack/react-query";
import type { AlarmList, AlarmView, DeviceList, DeviceView, FloodView, NodeView } from "../../api/api.ts";
import { wallClock } from "./clock.ts";
import type { Heard } from "./connection.ts";
import { getJson, positionOfRead } from "./http.ts";
import { Overlay } from "./overlay.ts";
import { listen, type StreamListener } from "./stream.ts";

export const ALARMS_KEY = ["alarms"] as const;
export const DEVICES_KEY = ["devices"] as const;
/** As many as the API gives at once. */
const PAGE_ALARMS = 5_000;
/** Active alarms that a page holds; a desk with more has other work than to read them. */
const ALARMS_MAX = 20_000;
/** Changes of one batch are shown together; a flood of readings never costs more than ten renderings a second. */
const BATCH_MS = 100;
/** Of thousands of devices some change all the time, and each time the table is filtered and sorted anew. */
const INVENTORY_MS = 500;

export type Alarms = ReadonlyMap<string, AlarmView>;

/** By desk. */
export type Floods = ReadonlyMap<string, FloodView>;

export interface Inventory {
  readonly devices: ReadonlyMap<string, DeviceView>;
  readonly nodes: ReadonlyMap<string, NodeView>;
}

/**
 * What the page knows, kept up to date: every change that is streamed is written into the lists. The stream goes on from
 * where it was before the first of them was read; when it cannot, they are read again as it opens.
 */
export class LiveDesk {
  readonly #client: QueryClient;
  readonly #alarms = new Overlay<AlarmView>();
  readonly #devices = new Overlay<DeviceView>();
  readonly #nodes = new Overlay<NodeView>();
  readonly #listeners = new Set<() => void>();
  #changed = { alarms: 0, devices: 0, nodes: 0 };
  #batch: ReturnType<typeof setTimeout> | undefined;
  #inventoryAt = 0;
  #heard: Heard = { began: wallClock() };
  #floods: Floods = new Map();
  #began = false;

  constructor(client: QueryClient) {
    this.#client = client;
    this.#changed = this.#marks();
  }

  start(): () => void {
    // Later, too much has happened since the lists were read first.
    const from = this.#began ? undefined : positionOfRead();
    this.#began = true;
    const listener = {
      opened: (goesOn) => {
        this.#note({ last: wallClock() });
        if (!goesOn) void this.#client.invalidateQueries();
      },
      reset: () => void this.#client.invalidateQueries(),
      heard: () => this.#note({ last: wallClock() }),
      alarm: (alarm) => this.noteAlarm(alarm),
      device: (device) => {
        this.#devices.note(device.key, device);
        this.#schedule();
      },
      node: (node) => {
        this.#nodes.note(node.key, node);
        this.#schedule();
      },
      status: (status) => this.#note({ status }),
      flood: (flood) => this.#flood(flood),
    } satisfies StreamListener;
    const stop = listen("/api/v1/stream", listener, from);
    return () => {
      clearTimeout(this.#batch);
      this.#batch = undefined;
      stop();
    };
  }

  /** Also for what an action of this page answered: it is as new as anything streamed. */
  noteAlarm(alarm: AlarmView): void {
    this.#alarms.note(alarm.id, alarm);
    this.#schedule();
  }

  readonly loadAlarms = async ({ signal }: { signal: AbortSignal }): Promise<Alarms> => {
    const mark = this.#alarms.mark();
    const alarms = new Map<string, AlarmView>();
    let before: string | undefined;
    do {
      const page = before === undefined ? "" : `&before=${encodeURIComponent(before)}`;
      const path = `/api/v1/alarms?state=active&limit=${PAGE_ALARMS}${page}`;
      const list = await getJson<AlarmList>(path, signal);
      for (const alarm of list.alarms) alarms.set(alarm.id, alarm);
      before = list.before;
    } while (before !== undefined && alarms.size < ALARMS_MAX);
    return this.#alarms.over(mark, alarms);
  };

  /** Fetched without structural sharing: a list of thousands would be compared with itself. */
  readonly alarmsQuery = {
    queryKey: ALARMS_KEY,
    queryFn: this.loadAlarms,
    structuralSharing: false,
  } as const;

  readonly loadInventory = async ({ signal }: { signal: AbortSignal }): Promise<Inventory> => {
    const marks = this.#marks();
    const list = await getJson<DeviceList>("/api/v1/devices?metrics=none", signal);
    return {
      devices: this.#devices.over(marks.devices, new Map(list.devices.map((device) => [device.key, device]))),
      nodes: this.#nodes.over(marks.nodes, new Map(list.nodes.map((node) => [node.key, node]))),
    };
  };

  /** Reads one device with its metrics, unless something newer is streamed meanwhile. */
  readonly loadDevice = async (key: string, signal: AbortSignal): Promise<DeviceView> => {
    const mark = this.#devices.mark();
    const path = key.split("/").map(encodeURIComponent).join("/");
    const fetched = await getJson<DeviceView>(`/api/v1/devices/${path}`, signal);
    const device = this.#devices.over(mark, new Map([[key, fetched]])).get(key) ?? fetched;
    this.#devices.note(key, device);
    this.#schedule();
    return device;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly heard = (): Heard => this.#heard;

  /** Whether alarms flood the desks, as the platform says. */
  readonly floods = (): Floods => this.#floods;

  #marks() {
    return {
      alarms: this.#alarms.mark(),
      devices: this.#devices.mark(),
      nodes: this.#nodes.mark(),
    };
  }

  /** `last` moves with every message but is shown by the second: only a new status redraws at once. */
  #note(news: Partial<Heard>): void {
    const first = this.#heard.last === undefined;
    this.#heard = { ...this.#heard, ...news };
    if (news.status !== undefined || first) for (const listener of this.#listeners) listener();
  }

  #flood(flood: FloodView): void {
    this.#floods = new Map(this.#floods).set(flood.desk, flood);
    for (const listener of this.#listeners) listener();
  }

  #schedule(): void {
    this.#batch ??= setTimeout(() => {
      this.#batch = undefined;
      this.#publish();
    }, BATCH_MS);
  }

  #publish(): void {
    const since = this.#changed;
    const marks = this.#marks();
    const early = wallClock() - this.#inventoryAt < INVENTORY_MS;
    this.#changed = early ? { ...since, alarms: marks.alarms } : marks;
    if (this.#changed.alarms > since.alarms) {
      this.#client.setQueryData<Alarms>(
        ALARMS_KEY,
        (known) => known && this.#alarms.over(since.alarms, known),
      );
    }
    if (marks.devices === since.devices && marks.nodes === since.nodes) return;
    if (early) this.#schedule();
    else {
      this.#inventoryAt = wallClock();
      this.#client.setQueryData<Inventory>(
        DEVICES_KEY,
        (known) =>
          known && {
            devices: this.#devices.over(since.devices, known.devices),
            nodes: this.#nodes.over(since.nodes, known.nodes),
          },
      );
    }
  }
}
