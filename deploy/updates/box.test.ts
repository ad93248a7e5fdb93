/**
 * A hub and a box, over real TLS with real certificates and real bundles: from the roll-out to the box's new version. The
 * box's update service is played by its contract; the real one is tried in deploy/image.
 */

import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { enrolFromSeed, identityFiles } from "@campus-ops/edge-agent/enrolment";
import { type BoxUpdate, openBoxUpdate, updatePlaces } from "@campus-ops/edge-agent/update";
import { createLog, Registry } from "@campus-ops/service";
import { soon } from "@campus-ops/service/testing/soon";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { TestEnrolment } from "../pki/testing/test-enrolment.ts";
import { SETTLE_MS } from "./core/roll-out.ts";
import { type OpenedUpdates, openUpdates } from "./open.ts";
import type { UpdateJob } from "./sights.ts";
import { PlayedService } from "./testing/played-service.ts";
import { TestBundles } from "./testing/test-bundles.ts";

const log = createLog("updates", "silent");
const BOX = "qiyun-no1/box-1";
/** After so many bytes the line is cut, as often as is said, once some of them have arrived: a cut line forgets what is on its way. */
const CUT_AT_BYTES = 150_000;

let bundles: TestBundles;
let content: Buffer;
let hub: TestEnrolment;
let updates: OpenedUpdates;
let bundle: string;
const clock = { now: Date.now() };
const line = { cuts: 0, ranges: [] as (string | undefined)[] };
let box: Box;

/** What is asked over the line, which may be cut in the middle of an answer. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  who: string | undefined,
): Promise<void> {
  line.ranges.push(request.headers.range);
  if (line.cuts > 0) {
    line.cuts -= 1;
    const write = response.write.bind(response) as (chunk: Buffer) => boolean;
    let bytes = 0;
    response.write = ((chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= CUT_AT_BYTES) return write(chunk);
      void soon(() => expect(statSync(partOf(box)).size).toBeGreaterThan(0)).finally(() =>
        response.destroy(),
      );
      return false;
    }) as typeof response.write;
  }
  await updates.downloads.answer(request, response, who);
}

/** What a box has of the bundle. */
const partOf = ({ data }: Box): string => join(data, "update", `${bundle}.raucb.part`);

/** A box on its own root folder, with its agent's part of updates; `start` and `stop` are the agent's. */
class Box {
  readonly root = mkdtempSync(join(hub.top, "root-"));
  readonly data = join(this.root, "data");
  readonly shown = new Map<string, SampleValue>();
  update: BoxUpdate | undefined;

  start(): void {
    this.update = openBoxUpdate({
      agent: {
        show: (values) => Object.entries(values).forEach(([name, value]) => void this.shown.set(name, value)),
      },
      dataFolder: this.data,
      hub: {
        url: `https://127.0.0.1:${hub.port}`,
        pin: hub.authority.pin,
        identity: identityFiles(join(hub.top, "box", "edge.yaml")).identity,
      },
      places: updatePlaces(this.root),
      clock: { instant: () => ({ wall: clock.now, uptime_ms: performance.now() }) },
      random: () => 0,
      log,
    });
  }

  async stop(): Promise<void> {
    await this.update?.stop();
  }

  state(): string {
    this.update?.look();
    return `${this.shown.get("Update/State")} ${this.shown.get("Update/ReasonEn")}`.trim();
  }

  files(): readonly string[] {
    const folder = join(this.data, "update");
    return existsSync(folder) ? readdirSync(folder).filter((name) => name !== "job.json") : [];
  }
}

beforeAll(async () => {
  bundles = await TestBundles.open();
  const file = await bundles.make({ bytes: 500_000 });
  content = readFileSync(file);
  hub = await TestEnrolment.start({ downloads: { answer } });
  updates = openUpdates({
    data: hub.top,
    keyring: bundles.keyring,
    bytesPerSecondMax: 1e9,
    hub: {
      nodes: async () => [
        {
          key: BOX,
          campus: "qiyun-no1",
          node: "box-1",
          title: { zh: BOX, en: BOX },
          online: true,
          since: 1,
          metrics: [...box.shown].map(([name, value]) => ({
            name,
            value: value as string | number,
            quality: { status: "good" } as const,
            eventTime: 1,
            receivedAt: 1,
          })),
          samples: { expected: 0, received: 0, lost: 0 },
        },
      ],
      schoolHours: async () => ({ isOut: true }),
      tell: async (_box, job) =>
        (await box.update?.write(job === undefined ? "" : JSON.stringify(job)))?.state === "confirmed",
    },
    now: () => clock.now,
    log,
    registry: new Registry(),
    onTurn: () => undefined,
  });
  await enrolFromSeed({
    place: hub.seed("stick", hub.seedText(hub.token())),
    configurationFile: join(hub.top, "box", "edge.yaml"),
    log,
    random: () => 0,
    now: () => hub.now,
    pause: () => Promise.reject(new Error("it does not enrol")),
  });
  bundle = (await updates.shelf.take(createReadStream(file), "li")).sha256;
});
afterAll(async () => {
  updates.close();
  await hub[Symbol.asyncDispose]();
  bundles[Symbol.dispose]();
});
beforeEach(() => {
  box = new Box();
  Object.assign(line, { cuts: 0, ranges: [] });
});

/** A roll-out to the box, told of it. */
async function begin(): Promise<{ readonly id: string; readonly step: () => string }> {
  const { id } = updates.runner.begin({ bundle, boxes: [BOX], by: "li" });
  await updates.runner.turn();
  return { id, step: () => stepOf(id) };
}

const stepOf = (id: string): string => {
  const found = updates.runner.rollOut(id).boxes[0];
  return `${found?.step} ${found?.reason?.en ?? ""}`.trim();
};

async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 30_000) {
    clock.now += 30_000;
    box.update?.look();
    await updates.runner.turn();
  }
}

const job = (more: Partial<UpdateJob> = {}): string =>
  JSON.stringify({ job: "j", sha256: bundle, bytes: content.length, version: "0.2.0", ...more });

test("a box fetches over a line that is cut, installs, restarts, proves itself, and is good after its time", async () => {
  await using service = await PlayedService.start(box.root);
  line.cuts = 1;
  box.start();
  const { step } = await begin();
  await soon(() => expect(service.asked).toHaveLength(1));
  expect(service.asked[0]?.equals(content)).toBe(true);
  expect(line.ranges).toEqual([undefined, expect.stringMatching(/^bytes=\d{4,}-$/)]);

  service.says("installing", { percent: 40, target: "0.2.0" });
  await pass(30_000);
  expect([box.state(), box.shown.get("Update/Progress"), step()]).toEqual(["installing", 40, "working"]);
  service.says("restarting", { target: "0.2.0" });
  expect(box.state()).toBe("restarting");
  expect(box.files()).toEqual([]);
  await box.stop();

  service.restartsAs("0.2.0");
  box.start();
  await pass(30_000);
  expect([box.state(), step()]).toEqual(["proving", "working"]);
  service.says("done", { target: "0.2.0" });
  await pass(30_000);
  expect([box.shown.get("Update/System"), step()]).toEqual(["0.2.0", "settling"]);
  await pass(SETTLE_MS);
  expect(step()).toBe("good");
  await box.stop();
});

test.each([
  ["refused", { code: "bad-signature", message: { zh: "签名无效", en: "not signed by us" } }],
  ["rolled-back", { code: "agent-unstable", message: { zh: "代理不稳定", en: "the agent did not stay" } }],
])(
  "what the service says of an update that is %s is what people read, and the roll-out stops",
  async (state, said) => {
    await using service = await PlayedService.start(box.root);
    box.start();
    const { id, step } = await begin();
    await soon(() => expect(service.asked).toHaveLength(1));
    service.says(state, said);
    await pass(30_000);
    expect(step()).toBe(`failed ${said.message.en}`);
    expect(updates.runner.rollOut(id)).toMatchObject({ state: "stopped" });
    // A later installation by a stick is no news of this one.
    service.says("done", { target: "0.9.0" });
    expect(box.state()).toBe(`${state} ${said.message.en}`);
    updates.runner.act(id, "cancel");
    await box.stop();
  },
);

test("an agent that ends while it fetches goes on where it was, and a job it was told twice is one", async () => {
  await using service = await PlayedService.start(box.root);
  line.cuts = 1;
  box.start();
  const { id } = await begin();
  await soon(() => expect(statSync(partOf(box)).size).toBeGreaterThan(0));
  await box.stop();
  box.start();
  // It was told of the very same again.
  await pass(120_000);
  await soon(() => expect(service.asked).toHaveLength(1));
  const [first, ...later] = line.ranges;
  expect(first).toBeUndefined();
  for (const range of later) expect(range).toMatch(/^bytes=\d{4,}-$/);
  expect(later.length).toBeGreaterThan(0);
  service.says("failed", { message: { zh: "断电", en: "the power went" } });
  await pass(30_000);
  updates.runner.act(id, "cancel");
  await box.stop();
});

test("what lies there and is not the bundle is thrown away, and the bundle fetched whole", async () => {
  await using service = await PlayedService.start(box.root);
  box.start();
  writeFileSync(partOf(box), Buffer.alloc(100_000));
  writeFileSync(join(box.data, "update", `${"0".repeat(64)}.raucb`), "of another job");
  const { id } = await begin();
  await soon(() => expect(service.asked).toHaveLength(1));
  expect(service.asked[0]?.equals(content)).toBe(true);
  expect(line.ranges).toEqual(["bytes=100000-", undefined]);
  expect(box.files()).toEqual([`${bundle}.raucb`]);
  updates.runner.act(id, "cancel");
  service.says("failed");
  await pass(30_000);
  await box.stop();
});

test("an update that is called off, too late, or not meant for this box is not installed", async () => {
  await using service = await PlayedService.start(box.root);
  box.start();
  // No roll-out asks for it: the hub does not hand it out.
  await box.update?.write(job({ job: "unasked" }));
  await soon(() => expect(box.state()).toBe("cancelled the hub called it off"));
  await box.update?.write(job({ job: "late", until: clock.now }));
  await soon(() => expect(box.state()).toContain("school begins"));
  expect(await box.update?.write("")).toMatchObject({ state: "refused" });
  const { id } = await begin();
  await box.update?.write("");
  expect(box.state()).toBe("cancelled the hub called it off");
  updates.runner.act(id, "cancel");
  await pass(30_000);
  expect(stepOf(id)).toBe("left-out the roll-out was cancelled");
  expect(service.asked).toEqual([]);
  await box.stop();
});

test("a job that makes no sense is refused in words, and one that is being installed is not disturbed", async () => {
  await using service = await PlayedService.start(box.root);
  box.start();
  for (const wrong of [
    "{",
    "[]",
    job({ sha256: "../../etc" }),
    job({ bytes: 3 * 1024 ** 3 }),
    job({ job: "a b" }),
  ])
    expect(await box.update?.write(wrong), wrong).toMatchObject({ state: "refused" });
  expect(await box.update?.write(7)).toMatchObject({ state: "refused" });
  const { id } = await begin();
  await soon(() => expect(service.asked).toHaveLength(1));
  service.says("installing", { percent: 1 });
  expect(await box.update?.write(job({ job: "other" }))).toEqual({
    state: "refused",
    detail: "another update is being installed",
  });
  service.says("failed");
  updates.runner.act(id, "cancel");
  await pass(30_000);
  await box.stop();
});

test("a service that refuses says why; a box that was not made from the image has nothing to say", async () => {
  await using service = await PlayedService.start(box.root);
  service.refuses = { code: "bad-request", message: { zh: "不行", en: "not so" } };
  box.start();
  const { id } = await begin();
  await soon(() => expect(box.state()).toBe("refused not so"));
  await pass(30_000);
  updates.runner.act(id, "cancel");
  await box.stop();
  rmSync(updatePlaces(box.root).image);
  box.start();
  expect(box.update).toBeUndefined();
});
