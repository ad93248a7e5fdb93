/**
 * Whatever the fault, whoever sits at the console is told within a minute what is wrong, what is safe and what to do, in
 * Chinese and in English: by an alarm, or by the bar above everything where alarms cannot come. Meanwhile a box counts,
 * and in the end the hub holds what it has counted, once.
 */
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { SmallDisk } from "@campus-ops/broker/journal/testing/small-disk";
import type { AlarmDetail, AlarmView, PlatformStatus } from "@campus-ops/dashboards/api";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import { EventSource } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Heard, judgeConnection } from "../../../dashboards/console/live/connection.ts";
import { en } from "../../../dashboards/console/text/en.ts";
import { zh } from "../../../dashboards/console/text/zh.ts";
import { eventually } from "../../testing/awaiting.ts";
import { FaultProxy } from "../../testing/fault-proxy.ts";
import { LoadEdge, type LoadEdgeOptions } from "../../testing/load/load-edge.ts";
import { LoadHub } from "../../testing/load/load-hub.ts";
import { RealBox } from "../../testing/load/real-box.ts";
import { random, seedOf } from "../../testing/random.ts";
import { tell } from "../outcome.ts";
import { TOLD_MS_MAX, tellingOf } from "../told.ts";

const RECOVERED_MS_MAX = 120_000;
const CAMPUS = "load-school";
const BOX = "box-1";
const COUNTING = "box-counting";
const SMALL = "box-small";
const PORTS = 5;
const RECORD_MS = 100;
const DISK_BYTES = 6 * 2 ** 30;
/** More than what its rule calls nearly full. */
const BOX_DISK_BYTES = 2 * 2 ** 30;
const DISK_LEFT_BYTES = 16 * 2 ** 20;
const SMALL_OUTBOX_BYTES = 64 * 1024;

interface Notice {
  readonly title: LocalText;
  /** What follows, so what is safe and what is not. */
  readonly consequence: LocalText;
  readonly action?: LocalText;
}

/** What an open page knows, by the console's own judgement. */
class Page {
  readonly #source: EventSource;
  #heard: Heard = { began: Date.now() };

  constructor(url: string) {
    this.#source = new EventSource(`${url}/api/v1/stream`);
    for (const event of ["status", "alarm", "device", "node"]) {
      this.#source.addEventListener(event, (message) => {
        this.#heard = { ...this.#heard, last: Date.now() };
        if (event !== "status") return;
        const status = JSON.parse(String((message as MessageEvent).data)) as PlatformStatus;
        this.#heard = { ...this.#heard, status };
      });
    }
  }

  /** The bar above everything; undefined when all is well. */
  bar(): Notice | undefined {
    const connection = judgeConnection(this.#heard, Date.now());
    if (connection.state === "lost") {
      return {
        title: { zh: zh.connection.lostTitle, en: en.connection.lostTitle },
        consequence: {
          zh: zh.connection.lostDetail("10 s", "12:00"),
          en: en.connection.lostDetail("10 s", "12:00"),
        },
      };
    }
    if (connection.state !== "impaired") return undefined;
    const which = connection.rules ? "ingestAway" : "rulesAway";
    return {
      title: { zh: zh.connection.impaired, en: en.connection.impaired },
      consequence: { zh: zh.connection[which], en: en.connection[which] },
    };
  }

  close(): void {
    this.#source.close();
  }
}

let disk: SmallDisk;
let boxDisk: SmallDisk;
let hub: LoadHub;
let proxy: FaultProxy;
let box: RealBox;
let page: Page;
let counting: LoadEdge;
let options: LoadEdgeOptions;
let reporting: NodeJS.Timeout;
let records = 0;

beforeAll(async () => {
  disk = new SmallDisk(DISK_BYTES);
  boxDisk = new SmallDisk(BOX_DISK_BYTES);
  hub = await LoadHub.start([BOX, COUNTING, SMALL], {
    data: join(disk.folder, "data"),
    packs: ["device-health"],
  });
  proxy = await FaultProxy.start(hub.process.mqttPort, random(seedOf(process.env.CAMPUS_OPS_SEED)));
  const size = { sources: 1, ports: PORTS, since: Date.now(), step_ms: RECORD_MS };
  const inOwnDisk = { ...hub.edge(BOX, size, proxy.url), folder: join(boxDisk.folder, "box") };
  box = await RealBox.start(inOwnDisk, [
    "access-gate/generic-modbus-controller",
    "environment-sensor/generic-room-monitor",
  ]);
  page = new Page(hub.process.url);
  options = hub.edge(COUNTING, size);
  counting = new LoadEdge(options);
  counting.connect();
  reporting = setInterval(() => {
    records += 1;
    void counting.report("source-1");
  }, RECORD_MS);
  await eventually("the box and its devices are there", async () => {
    const { devices } = await hub.api.devices();
    const ours = devices.filter(({ key }) => key.startsWith(`${CAMPUS}/${BOX}/`));
    return (ours.length === 2 && ours.every(({ health }) => health === "working")) || undefined;
  });
});
afterAll(async () => {
  clearInterval(reporting);
  page?.close();
  await counting?.stop();
  await box?.stop();
  await proxy?.stop();
  await hub?.stop();
  disk?.remove();
  boxDisk?.remove();
  if (hub !== undefined) rmSync(hub.process.run, { recursive: true, force: true });
});

type Mend = () => Promise<void> | void;

/** `told.ts` says how each is told. */
interface Fault {
  readonly fault: string;
  readonly part: string;
  readonly injure: () => Promise<Mend> | Mend;
  /** What the alarm is of, where it is told by one. */
  readonly device?: string;
}

/** It is there and does nothing: what a crashed process is not, and a supervisor cannot see. */
const hangs = (pid: () => number): (() => Mend) => {
  return () => {
    const stopped = pid();
    process.kill(stopped, "SIGSTOP");
    return () => void process.kill(stopped, "SIGCONT");
  };
};

/** However often it is started again, and later each time. */
const diesWheneverItIsBack = (part: string) => (): Mend => {
  let isOver = false;
  const dying = (async () => {
    while (!isOver) await hub.process.killAndAwaitReturn(part);
  })();
  return () => {
    isOver = true;
    return dying;
  };
};

const network = (kind: "black-hole" | "half-open") => (): Mend => {
  proxy.inject(kind);
  return () => proxy.heal();
};

const device = `${CAMPUS}/${BOX}`;
const pidOf = (name: string) => () => hub.process.pid(name);

const FAULTS: readonly Fault[] = [
  { fault: "hangs", part: "edge box", injure: hangs(() => box.pid), device },
  { fault: "black hole", part: "network of a box", injure: network("black-hole"), device },
  { fault: "half-open", part: "network of a box", injure: network("half-open"), device },
  { fault: "hangs", part: "broker", injure: hangs(pidOf("broker")), device: "hub/hub/broker" },
  { fault: "hangs", part: "ingest", injure: hangs(pidOf("ingest")) },
  { fault: "hangs", part: "rules", injure: hangs(pidOf("rules")) },
  { fault: "hangs", part: "console", injure: hangs(pidOf("dashboards")) },
  { fault: "dies whenever it is back", part: "ingest", injure: diesWheneverItIsBack("ingest") },
  { fault: "dies whenever it is back", part: "rules", injure: diesWheneverItIsBack("rules") },
  { fault: "full", part: "disk of the hub", injure: () => fill(disk), device: "hub/hub/disk" },
  { fault: "full", part: "disk of an edge box", injure: () => fill(boxDisk), device },
  {
    fault: "hangs",
    part: "device",
    injure: async () => {
      await box.device("access-gate").fault("hang");
      return () => box.device("access-gate").fault(null);
    },
    device: `${device}/access-gate`,
  },
  {
    fault: "full outbox, data given up",
    part: "edge box",
    injure: overflow,
    device: `${CAMPUS}/${SMALL}`,
  },
];

test.each(FAULTS)("$part: $fault", { timeout: 400_000 }, async ({ device, fault, injure, part }) => {
  const by = tellingOf(fault, part);
  const alarm = "rule" in by && device !== undefined ? { rule: by.rule, device } : undefined;
  const startedAt = Date.now();
  const began = performance.now();
  const mend = await injure();
  let notice: Notice | undefined;
  let told_s: number;
  let mendedAt: number;
  try {
    notice = await eventually("the console says so", () => noticeOf(alarm, startedAt), TOLD_MS_MAX);
    told_s = (performance.now() - began) / 1_000;
  } finally {
    await mend();
    mendedAt = performance.now();
  }
  for (const text of [
    notice.title,
    notice.consequence,
    ...(notice.action === undefined ? [] : [notice.action]),
  ]) {
    expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
    expect(text.en).toMatch(/[a-z]/);
  }
  await eventually(
    "the console says that it is over",
    async () => (page.bar() === undefined && (await isOver(alarm))) || undefined,
    RECOVERED_MS_MAX,
  );
  const recovered_s = (performance.now() - mendedAt) / 1_000;
  tell({ fault, part, told_s, recovered_s, says: `${notice.title.en}. ${notice.consequence.en}` });
});

test("after all of it the hub holds what the box has counted, once", { timeout: 300_000 }, async () => {
  clearInterval(reporting);
  await eventually("the box has handed over", async () => counting.isEmpty || undefined, RECOVERED_MS_MAX);
  const plan = { sources: 1, numbers: records, refusals: 0, recordsPerS: 0, refusalsPerS: 0 };
  const samples = records * PORTS;
  expect(await hub.account(options, plan)).toEqual({
    journal: { samples, refusals: 0, wrong: [] },
    store: { points: samples },
    alarms: { raised: 0, wrong: [] },
  });
  tell({ fault: "all of the above", part: "a box that counts", lost: 0, doubled: 0 });
});

interface Alarm {
  readonly rule: string;
  readonly device: string;
}

/** The alarm by which it is told, or the bar. */
async function noticeOf(alarm: Alarm | undefined, since: number): Promise<Notice | undefined> {
  if (alarm === undefined) return page.bar();
  const raised = (await ours(alarm)).find(
    ({ receivedAt, state }) => state === "unacknowledged" && receivedAt >= since,
  );
  if (raised === undefined) return undefined;
  const detail: AlarmDetail = await hub.api.alarm(raised.id);
  const { action, consequence } = detail.card;
  return { title: detail.title, consequence, action };
}

async function isOver(alarm: Alarm | undefined): Promise<boolean> {
  if (alarm === undefined) return true;
  // What is lost stays lost: that alarm is over when somebody has read it.
  if (alarm.rule === "edge-data-lost") return true;
  return (await ours(alarm)).every(
    ({ returnedAt, state }) => state !== "unacknowledged" || returnedAt !== undefined,
  );
}

async function ours({ device, rule }: Alarm): Promise<readonly AlarmView[]> {
  return (await hub.api.alarms()).filter((each) => each.rule.endsWith(rule) && each.device.key === device);
}

function fill(disk: SmallDisk): Mend {
  const filling = join(disk.folder, "filling");
  const { bavail, bsize } = statfsSync(disk.folder);
  const bytes = String(Math.max(bsize, bavail * bsize - DISK_LEFT_BYTES));
  const { status, stderr } = spawnSync("fallocate", ["--length", bytes, filling], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return () => rmSync(filling);
}

/** A box with hardly any room, which cannot hand over until it has given something up. */
async function overflow(): Promise<Mend> {
  const edge = new LoadEdge({
    ...hub.edge(SMALL, { sources: 1, ports: 50, since: Date.now(), step_ms: 1 }),
    bytesMax: SMALL_OUTBOX_BYTES,
  });
  while (edge.outbox.stats().lostSamples === 0) await edge.report("source-1").catch(() => undefined);
  edge.connect();
  return async () => {
    await eventually("it has handed over what it kept", async () => edge.isEmpty || undefined);
    await edge.stop();
  };
}
