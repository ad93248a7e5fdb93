/** The public API and the simulators' control, as a script would use them. */
import type {
  AlarmDetail,
  AlarmList,
  AlarmView,
  DeviceList,
  DeviceView,
  RollupView,
} from "@campus-ops/dashboards/api";
import type { SimulatedFault } from "@campus-ops/device-profiles/simulator";
import type { SampleValue } from "@campus-ops/device-profiles/vocabulary";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { EventSource, fetch } from "undici";
import { Happenings } from "./awaiting.ts";

export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async text(path: string): Promise<string> {
    const response = await fetch(`${this.#url}${path}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.text();
  }

  async post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async alarms(state: "active" | "all" = "all"): Promise<readonly AlarmView[]> {
    const { alarms } = await this.get<AlarmList>(`/api/v1/alarms?state=${state}&limit=500`);
    return alarms;
  }

  alarm(id: string): Promise<AlarmDetail> {
    return this.get(`/api/v1/alarms/${encodeURIComponent(id)}`);
  }

  devices(): Promise<DeviceList> {
    return this.get("/api/v1/devices");
  }

  device(key: string): Promise<DeviceView> {
    return this.get(`/api/v1/devices/${key}`);
  }

  rollups(from: number, to: number): Promise<RollupView> {
    return this.get(`/api/v1/rollups?from=${from}&to=${to}`);
  }

  /** The value of a metric in the Prometheus text, summed over the series whose labels hold all of `labels`. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    const lines = (await this.text("/metrics")).split("\n").filter((line) => line.startsWith(name));
    return lines
      .filter((line) => line[name.length] === "{" || line[name.length] === " ")
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }
}

/** Everything the live stream says of alarms, from now on. */
export class AlarmFeed {
  readonly alarms = new Happenings<AlarmView>();
  readonly #source: EventSource;
  readonly #open: Promise<void>;

  constructor(url: string) {
    this.#source = new EventSource(`${url}/api/v1/stream`);
    this.#open = new Promise((resolve) => this.#source.addEventListener("open", () => resolve()));
    this.#source.addEventListener("alarm", (event) => {
      this.alarms.add(JSON.parse(String((event as MessageEvent).data)) as AlarmView);
    });
  }

  /** Resolves when nothing that happens from now on can be missed. */
  async listening(): Promise<this> {
    await this.#open;
    return this;
  }

  close(): void {
    this.#source.close();
  }
}

/** Moves the physical world of the simulated devices. */
export class SimulatorControl {
  readonly #client: SocketClient;

  constructor(client: SocketClient) {
    this.#client = client;
  }

  set(device: string, metric: string, value: SampleValue): Promise<void> {
    return this.#send("PUT", `/devices/${device}/points/${metric}`, { value });
  }

  raise(device: string, event: string, fields: Readonly<Record<string, SampleValue>>): Promise<void> {
    return this.#send("POST", `/devices/${device}/events/${event}`, fields);
  }

  fault(device: string, fault: SimulatedFault | null): Promise<void> {
    return this.#send("PUT", `/devices/${device}/fault`, { fault });
  }

  schoolDay(running: boolean): Promise<void> {
    return this.#send("POST", "/scenario", { running });
  }

  async #send(method: string, path: string, body: object): Promise<void> {
    const response = await this.#client.fetch(path, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  }
}
