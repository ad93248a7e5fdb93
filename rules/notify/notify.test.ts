import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, createMetrics } from "@campus-ops/service";
import type { DatabaseFile } from "@campus-ops/service/database";
import { socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlarmState, Priority } from "../api.ts";
import { cycleCalendar } from "../core/calendar.ts";
import type { AlarmRecord } from "../core/view.ts";
import type { StreamRow } from "../store/rules-store.ts";
import type { ChannelDocument, NotifyConfiguration } from "./configuration.ts";
import { type Notify, startNotify } from "./start.ts";

/** The alarms of a hub as rules' store shows them: rows with a number, and each alarm as it is now. */
class History {
  readonly rows: StreamRow[] = [];
  readonly records = new Map<string, AlarmRecord>();

  move(
    id: string,
    state: AlarmState,
    more: { priority?: Priority; at?: number; causeId?: string } = {},
  ): void {
    const { priority = 1, at = Date.now(), causeId } = more;
    const before = this.records.get(id);
    const record: AlarmRecord = {
      id,
      occurrence: (before?.occurrence ?? 0) + (state === "unacknowledged" ? 1 : 0),
      rule: "panic-pressed",
      priority,
      state,
      title: { zh: "一键报警", en: "Panic" },
      device: {
        key: "one/box/b",
        title: { zh: "按钮", en: "button" },
        class: "panic-button",
        path: "990100/990102/one/a",
        campus: "one",
      },
      raisedAt: at,
      receivedAt: at,
      symptoms: 0,
      updatedAt: at,
      ...(causeId === undefined ? {} : { causeId }),
      ruleVersion: 1,
      explanation: { zh: "按下", en: "pressed" },
      card: { cause: text, consequence: text, action: text },
      respondWithin_ms: 60_000,
      evidence: [],
    };
    const {
      ruleVersion: _1,
      explanation: _2,
      card: _3,
      respondWithin_ms: _4,
      evidence: _5,
      ...view
    } = record;
    this.records.set(id, record);
    this.rows.push({ id: this.rows.length + 1, view });
  }

  readonly store = {
    alarm: (id: string) => this.records.get(id),
    stream: (cursor: number, limit: number) => this.rows.filter(({ id }) => id > cursor).slice(0, limit),
    alarms: () => [...this.records.values()].filter(({ state }) => state !== "normal"),
    newestRow: () => this.rows.length,
  };
}
const text = { zh: "文", en: "text" };

/** A receiver that can be told to fail, and tells of each message it takes. */
class Receiver {
  readonly taken: { id: string; type: string }[] = [];
  status = 204;
  asked = 0;
  #waiting: (() => void)[] = [];
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => this.#answer(Buffer.concat(chunks).toString("utf8"), response));
  });

  async listen(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  #answer(body: string, response: ServerResponse): void {
    this.asked += 1;
    if (this.status < 300) {
      const { id, type } = JSON.parse(body) as { id: string; type: string };
      this.taken.push({ id, type: type.replace("campus-ops.alarm.", "").replace(".v1", "") });
    }
    response.writeHead(this.status).end();
    for (const each of this.#waiting.splice(0)) each();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  get types(): readonly string[] {
    return this.taken.map(({ type }) => type);
  }
}

const always = cycleCalendar({ period_ms: 1_000, anchor: 0, windows: { all: [[0, 1_000]] } });

let folder: string;
let receiver: Receiver;
let url: string;
let history: History;
let running: Notify[];
let alive: [string, boolean][];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rules-notify-"));
  receiver = new Receiver();
  url = await receiver.listen();
  history = new History();
  running = [];
  alive = [];
});
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop()));
  receiver.server.closeAllConnections();
  receiver.server.close();
  rmSync(folder, { recursive: true, force: true });
});

function configuration(more: Partial<ChannelDocument> = {}, escalation_ms = 600_000): NotifyConfiguration {
  const hook = { kind: "webhook", url, language: "zh", tells: ["raised", "escalated", "settled"], ...more };
  const desk = (id: string) => ({ id, title: { zh: id, en: id }, scope: [], channels: ["hook"] });
  const steps = [
    { after_ms: 0, desks: ["gate"] },
    { after_ms: escalation_ms, desks: ["leader"] },
  ];
  return {
    channels: new Map([["hook", { document: hook as ChannelDocument, secrets: {} }]]),
    staff: {
      desks: new Map([desk("gate"), desk("leader")].map((each) => [each.id, each])),
      escalation: { 1: steps, 2: steps, 3: steps, 4: steps },
      calendar: always,
    },
  };
}

async function start(
  which = configuration(),
  random = () => 0,
  file: DatabaseFile = join(folder, "notify.sqlite"),
): Promise<Notify> {
  const notify = await startNotify({
    file,
    configuration: which,
    store: history.store,
    place: () => ({ zh: "一小", en: "No. 1" }),
    timeZone: undefined,
    source: "/hub/990100",
    ingest: socketClient(join(folder, "no.sock")),
    metrics: createMetrics("rules"),
    log: createLog("rules", "silent"),
    now: Date.now,
    random,
    onAlive: (channel, is) => alive.push([channel, is]),
  });
  running.push(notify);
  return notify;
}

async function stop(notify: Notify): Promise<void> {
  running.splice(running.indexOf(notify), 1);
  await notify.stop();
}

describe("telling people", () => {
  test("an alarm reaches the desk that answers for it, and its settling too", async () => {
    const notify = await start();
    history.move("a1", "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.taken.length === 1);
    history.move("a1", "acknowledged");
    notify.wake();
    await receiver.until(() => receiver.taken.length === 2);
    expect(receiver.types).toEqual(["raised", "settled"]);
    await stop(notify);
    const again = await start();
    expect(again.notifications({ alarm: "a1", limit: 10 })).toMatchObject([
      { kind: "settled", state: "delivered", desk: "gate", attempts: 1, detail: "HTTP 204" },
      { kind: "raised", state: "delivered", desk: "gate", attempts: 1 },
    ]);
  });

  test("a flood is looked at in one commit, and each of its alarms is told", async () => {
    let commits = 0;
    const watcher = {
      committed: () => {
        commits += 1;
      },
      closing: () => undefined,
    };
    const file = { path: join(folder, "notify.sqlite"), opened: () => watcher };
    const notify = await start(configuration({ tells: ["raised"] }), undefined, file);
    for (let index = 1; index <= 40; index += 1) history.move(`a${index}`, "unacknowledged");
    commits = 0;
    notify.wake();
    expect(commits).toBe(1);
    expect(notify.notifications({ limit: 100 })).toHaveLength(40);
    await receiver.until(() => receiver.taken.length > 0);
  });

  test("an alarm that nobody acknowledges reaches the next desk by itself", async () => {
    const notify = await start(configuration({}, 50));
    history.move("a1", "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.taken.length === 2);
    expect(receiver.types).toEqual(["raised", "escalated"]);
  });

  test("a symptom reaches nobody", async () => {
    const notify = await start();
    history.move("child", "suppressed-by-design", { causeId: "a1" });
    history.move("a1", "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.taken.length === 1);
    expect(receiver.taken[0]?.id).toMatch(/^a1\./);
  });

  test("what its channel did not take is kept over a restart, tried again, and told once", async () => {
    receiver.status = 503;
    const notify = await start();
    history.move("a1", "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.asked > 0);
    await stop(notify);
    receiver.status = 204;
    history.move("a2", "unacknowledged");
    const again = await start();
    await receiver.until(() => receiver.taken.length === 2);
    expect(new Set(receiver.taken.map(({ id }) => id.split(".")[0]))).toEqual(new Set(["a1", "a2"]));
    await stop(again);
    const third = await start();
    history.move("a3", "unacknowledged");
    third.wake();
    await receiver.until(() => receiver.taken.length === 3);
    expect(new Set(receiver.taken.map(({ id }) => id)).size).toBe(3);
  });

  test("a new queue tells of nothing that was there before it", async () => {
    history.move("old", "unacknowledged");
    const notify = await start();
    history.move("new", "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.taken.length === 1);
    expect(receiver.taken[0]?.id).toMatch(/^new\./);
  });

  test("many alarms of low priority come as one message, and red ones come alone", async () => {
    receiver.status = 503;
    const notify = await start();
    for (let index = 0; index < 20; index += 1) history.move(`y${index}`, "unacknowledged", { priority: 3 });
    history.move("red", "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.asked > 0);
    await stop(notify);
    receiver.status = 204;
    await start();
    await receiver.until(() => receiver.taken.length === 2);
    expect(receiver.types.toSorted()).toEqual(["digest", "raised"]);
  });

  test("a channel that takes nothing is called dead, and alive when it takes something", async () => {
    receiver.status = 403;
    const notify = await start();
    for (const id of ["a1", "a2", "a3"]) history.move(id, "unacknowledged");
    notify.wake();
    await receiver.until(() => receiver.asked === 3);
    await expect
      .poll(() => notify.channels()[0])
      .toMatchObject({ alive: false, detail: expect.stringContaining("403") });
    receiver.status = 204;
    notify.test("hook", "an operator");
    await receiver.until(() => receiver.taken.length === 1);
    await expect.poll(() => notify.channels()[0]?.alive).toBe(true);
    expect(alive).toEqual([
      ["hook", false],
      ["hook", true],
    ]);
  });

  test("a desk is handed over with what stands there, but not while a red alarm waits for an answer", async () => {
    const notify = await start();
    history.move("red", "unacknowledged");
    history.move("yellow", "acknowledged", { priority: 3 });
    expect(() => notify.handOver("gate", { from: "guard-1", to: "guard-2" })).toThrow("acknowledge red");
    expect(notify.handOvers("gate")).toEqual([]);
    history.move("red", "acknowledged");
    const given = notify.handOver("gate", { from: "guard-1", to: "guard-2", note: "一切正常" });
    expect(given.summary).toMatchObject({ standing: 2, unacknowledged: 0 });
    expect(given.summary.alarms.map(({ id }) => id)).toEqual(["red", "yellow"]);
    await stop(notify);
    const again = await start();
    expect(again.handOvers("gate")).toEqual([given]);
    expect(again.desks().map(({ id, held }) => [id, held?.by])).toEqual([
      ["gate", "guard-2"],
      ["leader", undefined],
    ]);
    expect(() => again.summary("nowhere")).toThrow("no desk nowhere");
  });

  test("a test of a channel that does not exist is refused", async () => {
    const notify = await start();
    expect(() => notify.test("pigeon", "an operator")).toThrow("no channel pigeon");
  });
});
