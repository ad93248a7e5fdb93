/**
 * 200 desks on one hub: each follows the live stream as an open page does. From a transition of an alarm to all of them
 * having read it, and what the API's process needs for it. That a desk which stops reading costs the others nothing, and misses
 * nothing itself, is a test: dashboards/api/stream.test.ts.
 *
 * The clock starts before the transition is asked for and stops at each desk's read of the event, all in this process:
 * the desks' own work is part of the figure, on a machine that the hub shares with them.
 */
import { get, type IncomingMessage } from "node:http";
import { build } from "hdr-histogram-js";
import { ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { HubProcess } from "../testing/hub-process.ts";
import { cpuSeconds, residentBytes } from "./process-usage.ts";
import type { Report } from "./result.ts";

const DESKS = 200;
const ROUNDS = 40;
const PAUSE_MS = 250;
const TAIL_CHARACTERS = 65_536;
const DEVICE = "qiyun-no1/box-1/gate-store";
/** What a person at a desk takes for at once. */
const TARGET_P99_MS = 1_000;

/** One open page, as little of it as can be: the bytes are read, and looked at for the event that is waited for. */
class Desk {
  readonly #answer: IncomingMessage;
  /** The end of an event may come in another piece than its beginning. */
  #tail = "";
  #wanted: { readonly text: string; readonly found: () => void } | undefined;
  bytes = 0;

  static async open(url: string): Promise<Desk> {
    const { promise, reject, resolve } = Promise.withResolvers<IncomingMessage>();
    get(`${url}/api/v1/stream`, { agent: false }, resolve).on("error", reject);
    return new Desk(await promise);
  }

  private constructor(answer: IncomingMessage) {
    this.#answer = answer;
    answer.setEncoding("utf8");
    answer.on("error", () => undefined);
    answer.on("data", (text: string) => this.#read(text));
  }

  /** Calls back once, when `text` comes from now on. */
  wait(text: string, found: () => void): void {
    this.#tail = "";
    this.#wanted = { text, found };
  }

  close(): void {
    this.#answer.destroy();
  }

  #read(text: string): void {
    this.bytes += text.length;
    if (this.#wanted === undefined) return;
    this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
    if (!this.#tail.includes(this.#wanted.text)) return;
    const { found } = this.#wanted;
    this.#wanted = undefined;
    found();
  }
}

export async function desks(report: Report): Promise<void> {
  const hub = await HubProcess.start();
  const open: Desk[] = [];
  try {
    await hub.ready();
    const api = new ApiClient(hub.url);
    const control = new SimulatorControl(hub.private_("simulators"));
    await eventually("all devices working", async () => {
      const { devices } = await api.devices();
      return devices.filter(({ health }) => health === "working").length >= 60 ? true : undefined;
    });
    await control.set(DEVICE, "Door/Open", true);
    const alarm = await eventually("an alarm to act on", async () =>
      (await api.alarms("active")).find(
        ({ device, rule }) => device.key === DEVICE && rule.endsWith("door-forced"),
      ),
    );
    const pid = Number(hub.log.all.find((each) => each.process === "dashboards" && each.ready === true)?.pid);
    const before = residentBytes(pid);

    while (open.length < DESKS) open.push(await Desk.open(hub.url));
    const { all, each } = { all: build(), each: build() };
    const [cpuAt, began, bytesAt] = [cpuSeconds([pid]), performance.now(), bytesOf(open)];
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      const heard = open.map(
        (desk) =>
          new Promise<void>((resolve) =>
            // Nothing else happens to this alarm: its door stays open.
            desk.wait(`"id":"${alarm.id}"`, () => {
              each.recordValue(Math.max(1, Math.round(performance.now() - start)));
              resolve();
            }),
          ),
      );
      await api.post(`/api/v1/alarms/${alarm.id}/comment`, { comment: `round ${round}` });
      await Promise.all(heard);
      all.recordValue(Math.max(1, Math.round(performance.now() - start)));
      await new Promise((later) => setTimeout(later, PAUSE_MS));
    }
    const took_s = (performance.now() - began) / 1_000;
    const p99_ms = each.getValueAtPercentile(99);
    report({
      case: `${DESKS} desks: an alarm's transition to each of them`,
      desks: DESKS,
      rounds: ROUNDS,
      p50_ms: each.getValueAtPercentile(50),
      p99_ms,
      last_desk_p50_ms: all.getValueAtPercentile(50),
      last_desk_max_ms: all.maxValue,
      target_p99_ms: TARGET_P99_MS,
      met: p99_ms <= TARGET_P99_MS,
    });
    report({
      case: `${DESKS} desks: what the API's process needs`,
      cpu_share: Number(((cpuSeconds([pid]) - cpuAt) / took_s).toFixed(3)),
      rss_bytes: residentBytes(pid),
      rss_bytes_without_desks: before,
      kB_per_s_and_desk: Number(((bytesOf(open) - bytesAt) / took_s / DESKS / 1_000).toFixed(2)),
    });
  } finally {
    for (const desk of open) desk.close();
    await hub.stop();
  }
}

const bytesOf = (open: readonly Desk[]): number => open.reduce((sum, { bytes }) => sum + bytes, 0);
