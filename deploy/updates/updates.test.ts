/** Bundles at a hub and on their way to boxes: real bundles, real certificates, real TLS. */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { enrolFromSeed, identityFiles } from "@campus-ops/edge-agent/enrolment";
import { createLog, Registry } from "@campus-ops/service";
import { soon } from "@campus-ops/service/testing/soon";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { edgeIdentity, TestEnrolment } from "../pki/testing/test-enrolment.ts";
import { Bandwidth } from "./bandwidth.ts";
import { DOWNLOADS_AT_ONCE_MAX, Downloads } from "./downloads.ts";
import { type OpenedUpdates, openUpdates } from "./open.ts";
import { RunnerError } from "./runner.ts";
import { BundleShelf, ShelfError } from "./shelf.ts";
import { hoursOf, sightOf, type UpdateJob } from "./sights.ts";
import { SimulatedFleet } from "./testing/simulated-fleet.ts";
import { TestBundles } from "./testing/test-bundles.ts";
import { UpdateStore } from "./update-store.ts";

const log = createLog("updates", "silent");
const BOX = "qiyun-no1/box-1";
const OTHER = "qiyun-no1/box-2";

let bundles: TestBundles;
let file: string;
let sha256: string;
let hub: TestEnrolment;
let updates: OpenedUpdates;
const fleet = new SimulatedFleet([BOX, OTHER]);
const told: { box: string; job: UpdateJob | undefined }[] = [];
const turned: string[] = [];
const clock = { now: 1_000_000 };

/** As ingest shows a box that was made from the image. */
function node(box: string) {
  const { compatible, job, online, percent, state, version } = fleet.sight(box);
  const metric = (name: string, value: string | number) =>
    ({ name: `Update/${name}`, value, quality: { status: "good" }, eventTime: 1, receivedAt: 1 }) as const;
  const [campus = "", name = ""] = box.split("/");
  return {
    key: box,
    campus,
    node: name,
    title: { zh: box, en: box },
    online,
    since: 1,
    metrics: [
      metric("Compatible", compatible),
      metric("System", version),
      metric("Job", job),
      metric("State", state),
      metric("Progress", percent),
      metric("Install", ""),
    ],
    samples: { expected: 0, received: 0, lost: 0 },
  };
}

const open = (data: string): OpenedUpdates =>
  openUpdates({
    data,
    keyring: bundles.keyring,
    bytesPerSecondMax: 1e9,
    hub: {
      nodes: async () => [BOX, OTHER].map(node),
      schoolHours: async () => ({ isOut: true, until: 2_000_000 }),
      tell: async (box, job) => {
        told.push({ box, job });
        if (job === undefined) fleet.recall(box);
        else fleet.tell(box, job.job, job.version);
        return true;
      },
    },
    now: () => clock.now,
    log,
    registry: new Registry(),
    onTurn: ({ state }) => turned.push(state),
  });

beforeAll(async () => {
  bundles = await TestBundles.open();
  file = await bundles.make({ bytes: 400_000 });
  sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  const holder: { downloads?: Downloads } = {};
  hub = await TestEnrolment.start({
    downloads: { answer: async (...asked) => await holder.downloads?.answer(...asked) },
  });
  updates = open(hub.top);
  holder.downloads = updates.downloads;
  for (const name of ["box-1", "box-2"]) await enrol(name);
});
afterAll(async () => {
  updates.close();
  await hub[Symbol.asyncDispose]();
  bundles[Symbol.dispose]();
});

async function enrol(name: string): Promise<void> {
  await enrolFromSeed({
    place: hub.seed(name, hub.seedText(hub.token("qiyun-no1", name))),
    configurationFile: join(hub.top, name, "edge.yaml"),
    log,
    random: () => 0,
    now: () => hub.now,
    pause: () => Promise.reject(new Error("it does not enrol")),
  });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

function fetchAs(name: string | undefined, headers: Record<string, string> = {}): Promise<Answer> {
  const pem =
    name === undefined ? undefined : readFileSync(identityFiles(join(hub.top, name, "edge.yaml")).identity);
  return new Promise((resolve, reject) => {
    request(
      {
        host: "127.0.0.1",
        port: hub.port,
        path: `/v1/updates/${sha256}`,
        headers,
        ca: hub.authority.certificate,
        ...(pem === undefined ? {} : { key: pem, cert: pem }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    )
      .once("error", reject)
      .end();
  });
}

const said = (work: () => unknown): string => {
  try {
    work();
    return "done";
  } catch (error) {
    return error instanceof RunnerError ? error.said.en : String(error);
  }
};

test("a bundle is taken from a stream, judged, and lies under its hash; one that is refused leaves nothing", async () => {
  const bundle = await updates.shelf.take(createReadStream(file), "li");
  expect(bundle).toMatchObject({ sha256, version: "0.2.0", compatible: "campus-ops-edge-amd64", by: "li" });
  const broken = join(bundles.folder, "broken.raucb");
  writeFileSync(broken, readFileSync(file).fill(0, 100, 200));
  await expect(updates.shelf.take(createReadStream(broken), "li")).rejects.toThrow(/not what was signed/);
  const small = new BundleShelf({
    folder: join(hub.top, "small"),
    store: new UpdateStore(join(hub.top, "small.sqlite")),
    keyring: bundles.keyring,
    now: () => 1,
    bytesMax: 1_000,
  });
  await expect(small.take(createReadStream(file), "li")).rejects.toThrow(ShelfError);
  expect(readdirSync(join(hub.top, "small"))).toEqual([]);
  expect(readdirSync(join(hub.top, "updates"))).toEqual([`${sha256}.raucb`]);
});

test("a box may fetch what it was told to and nothing before, and goes on where it was cut off", async () => {
  expect((await fetchAs("box-1")).status).toBe(403);
  const { id } = updates.runner.begin({ bundle: sha256, boxes: [BOX, OTHER], by: "li" });
  await updates.runner.turn();
  expect(told).toEqual([
    {
      box: BOX,
      job: { job: `${id}.1`, sha256, bytes: readFileSync(file).length, version: "0.2.0", until: 2_000_000 },
    },
  ]);
  const whole = await fetchAs("box-1");
  expect([whole.status, whole.headers.etag]).toEqual([200, `"${sha256}"`]);
  expect(whole.body.equals(readFileSync(file))).toBe(true);
  const rest = await fetchAs("box-1", { range: "bytes=1000-" });
  expect([rest.status, rest.headers["content-range"]]).toEqual([
    206,
    `bytes 1000-${whole.body.length - 1}/${whole.body.length}`,
  ]);
  expect(rest.body.equals(whole.body.subarray(1_000))).toBe(true);
  expect((await fetchAs("box-1", { range: `bytes=${whole.body.length}-` })).status).toBe(416);
  // The second wave has not begun.
  expect((await fetchAs("box-2")).status).toBe(403);
  expect((await fetchAs(undefined)).body.toString()).toContain("certificate-stranger");
});

test("what is under way cannot be begun twice, and its bundle cannot be deleted", () => {
  expect(said(() => updates.runner.begin({ bundle: sha256, boxes: [OTHER], by: "li" }))).toContain(
    "another roll-out",
  );
  expect(said(() => updates.runner.removeBundle(sha256))).toContain("needs this bundle");
  expect(said(() => updates.runner.begin({ bundle: "0".repeat(64), boxes: [BOX], by: "li" }))).toContain(
    "no such",
  );
});

test("a hub that is started again goes on, and one whose bundles are gone stops and says so", async () => {
  updates.close();
  updates = open(hub.top);
  for (let turn = 0; turn < 45; turn += 1) {
    clock.now += 30_000;
    fleet.pass(30_000);
    await updates.runner.turn();
  }
  const { bundles: here, rollOuts } = await updates.runner.view();
  expect(here).toHaveLength(1);
  expect(rollOuts[0]?.boxes.map(({ step }) => step)).toEqual(["good", "settling"]);
  updates.shelf.remove(sha256);
  expect(existsSync(updates.shelf.file(sha256))).toBe(false);
  await updates.runner.turn();
  expect((await updates.runner.view()).rollOuts[0]?.reason?.en).toContain("upload it again");
  expect(turned).toEqual(["stopped"]);
});

test("a box whose certificate was revoked fetches nothing more", async () => {
  hub.enrolment.revoke(edgeIdentity("qiyun-no1", "box-1"), "stolen", "li");
  expect((await fetchAs("box-1")).body.toString()).toContain("certificate-stranger");
});

describe("downloads", () => {
  test("more at a time than the line bears are told to come again", async () => {
    const busy = new Downloads({
      bundleFor: () => ({ file, bytes: readFileSync(file).length }),
      // So slow that none of them ends.
      bandwidth: new Bandwidth(1, () => performance.now()),
      count: () => undefined,
    });
    const server = createServer((request, response) => void busy.answer(request, response, BOX));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/updates/${sha256}`;
    const leaving = new AbortController();
    const { signal } = leaving;
    await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE_MAX }, () => fetch(address, { signal })));
    const late = await fetch(address);
    expect([late.status, late.headers.get("retry-after")]).toEqual([503, "30"]);
    // Who goes makes room.
    leaving.abort();
    await soon(() => expect(busy.active).toBe(0));
    server.close();
  });

  test("all together get no more than their share, and a silence is not saved up", () => {
    let now = 1_000;
    const line = new Bandwidth(1_000, () => now);
    let waited = 0;
    for (let chunk = 0; chunk < 10; chunk += 1) waited = line.wait_ms(1_000);
    expect(waited).toBe(9_750);
    now = 1e6;
    expect(line.wait_ms(250)).toBe(0);
    expect(line.wait_ms(1_000)).toBe(1_000);
  });
});

test("the night ends when school opens, and not at midnight", async () => {
  const closed = (at: number) => ({ at, windows: ["closed"], open: ["closed"] });
  const calendar = async (at = 1) =>
    at < 50
      ? { ...closed(at), until: 50 }
      : at < 90
        ? { ...closed(at), until: 90 }
        : { at, windows: [], open: [] };
  expect(await hoursOf(calendar)).toEqual({ isOut: true, until: 90 });
  expect(await hoursOf(async () => ({ at: 1, windows: [], open: ["lesson"], until: 5 }))).toEqual({
    isOut: false,
  });
  expect(await hoursOf(async () => closed(1))).toEqual({ isOut: true });
});

test("the hub's own node is no box, and a box without an update service offers nothing", () => {
  const plain = { ...node(BOX), metrics: [] };
  expect(sightOf(plain, false)).toMatchObject({ offers: false, state: "", job: "" });
  const property = {
    name: "Properties/Class",
    value: "hub",
    quality: { status: "good" },
    eventTime: 1,
    receivedAt: 1,
  } as const;
  expect(sightOf({ ...plain, metrics: [property] }, false)).toBeUndefined();
});
