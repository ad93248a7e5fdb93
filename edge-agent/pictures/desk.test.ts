import { createHash } from "node:crypto";
import { type PictureRequest, pictureCommand, readPart, readRefusal } from "@campus-ops/broker/sparkplug";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import { startSimulator } from "@campus-ops/device-profiles/simulator";
import { CampusId, DeviceId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { createLog } from "@campus-ops/service";
import { afterEach, describe, expect, test } from "vitest";
import type { NewRecord } from "../outbox/record.ts";
import type { PictureTaken } from "../supervisor/supervisor.ts";
import { startAedes } from "../testing/brokers.ts";
import { CAMPUS, configuration, device, NODE, startAgent, temporaryFolder } from "../testing/test-agent.ts";
import { TestHost } from "../testing/test-host.ts";
import { PICTURES_IN_HAND_MAX, PICTURES_SHARE_MAX, PictureDesk } from "./desk.ts";

/** A busy machine is slow, and no slower than this. */
const SOON = { timeout: 15_000 };
const AT = Date.UTC(2026, 10, 22);
const request = (id: string): PictureRequest => ({
  id,
  device: DeviceId("camera"),
  kind: "snapshot",
  at: AT,
});
const picture = (length: number): PictureTaken => ({ data: new Uint8Array(length).fill(7), takenAt: AT });

function desk(take: () => Promise<PictureTaken> | undefined, waitingBytes = 0) {
  const kept: NewRecord[] = [];
  const works = new PictureDesk({
    take,
    keep: async (records) => void kept.push(...records),
    waitingBytes: () => waitingBytes,
    outboxBytesMax: 8_000_000,
    now: () => AT,
    log: createLog("test", "silent"),
  });
  const refusals = () =>
    kept.flatMap(({ metrics }) => metrics.flatMap((metric) => readRefusal(metric)?.reason ?? []));
  return { works, kept, refusals };
}

describe("the picture desk", () => {
  test("puts a picture into the outbox once, though it is asked for again", async () => {
    let taken = 0;
    const { works, kept } = desk(async () => {
      taken += 1;
      return picture(100_000);
    });
    await Promise.all([works.ask(request("a")), works.ask(request("a"))]);
    await works.ask(request("a"));
    expect(taken).toBe(1);
    expect(kept.map(({ dataClass }) => dataClass)).toEqual(["bulk", "bulk"]);
    expect(works.answers.get("taken")).toBe(1);
  });

  test("says why there is none, and tries again when it is asked again", async () => {
    const answers: PictureTaken[] = [{ reason: "unreachable", detail: "no answer" }, picture(10)];
    const { works, kept, refusals } = desk(async () => answers.shift() ?? picture(1));
    await works.ask(request("a"));
    expect(refusals()).toEqual(["unreachable"]);
    await works.ask(request("a"));
    expect(kept[1]?.metrics.map((metric) => readPart(metric)?.request)).toEqual(["a"]);
  });

  test("never fills the outbox, and takes no picture that is beyond its bounds", async () => {
    const room = 8_000_000 * PICTURES_SHARE_MAX;
    const cases = [
      [desk(async () => picture(1_000), room), "full"],
      [desk(async () => picture(1_000), room - 999), "full"],
      [desk(async () => picture(9 * 1_048_576)), "failed"],
      [desk(async () => picture(0)), "failed"],
      [desk(() => undefined), "unsupported"],
    ] as const;
    for (const [{ works, refusals }, reason] of cases) {
      await works.ask(request("a"));
      expect(refusals()).toEqual([reason]);
    }
  });

  test("takes so many at a time and says of the others that it is full", async () => {
    const gate = Promise.withResolvers<PictureTaken>();
    const { works, refusals } = desk(() => gate.promise);
    const asked = Array.from({ length: PICTURES_IN_HAND_MAX + 2 }, (_, index) =>
      works.ask(request(`r${index}`)),
    );
    await expect.poll(() => refusals(), SOON).toEqual(["full", "full"]);
    gate.resolve(picture(1));
    await Promise.all(asked);
    expect(works.answers.get("taken")).toBe(PICTURES_IN_HAND_MAX);
  });
});

describe("a camera behind an agent", () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  test("sends its picture to the hub that asks, over ONVIF and MQTT, and what is away is said to be away", async () => {
    const profile = findProfile("camera/generic-onvif");
    if (profile === undefined) throw new Error("no such profile");
    const simulator = await startSimulator(profile);
    closing.push(() => simulator.close());
    const broker = await startAedes();
    closing.push(() => broker.stop());
    const hub = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE });
    closing.push(() => hub.stop());
    const folder = temporaryFolder();
    closing.push(() => folder.remove());
    const nobody = "http://127.0.0.1:9/onvif/device_service";
    const cameras = [
      device("camera", "camera/generic-onvif", simulator.url),
      device("gone", "camera/generic-onvif", nobody),
    ];
    const agent = startAgent(configuration(broker.url, cameras), folder.path);
    closing.push(() => agent.stop());
    const online = () =>
      hub.arrivals.some(({ device: id, samples }) =>
        samples.some(
          ({ metric, value }) => id === "camera" && metric === "Connectivity/Online" && value === true,
        ),
      );
    await hub.until(online);

    const node = { campus: CampusId(CAMPUS), node: NodeId(NODE) };
    await hub.publish(pictureCommand(node, request("seen"), Date.now()));
    await hub.publish(pictureCommand(node, { ...request("not"), device: DeviceId("gone") }, Date.now()));
    const parts = () => hub.distinct().flatMap((arrival) => arrival.parts);
    const refusals = () => hub.distinct().flatMap((arrival) => arrival.refusals);
    await hub.until(
      () => parts().length > 0 && parts().length === parts()[0]?.count && refusals().length > 0,
    );

    const whole = Buffer.concat(
      parts()
        .toSorted((a, b) => a.index - b.index)
        .map(({ data }) => data),
    );
    expect(createHash("sha256").update(whole).digest("hex")).toBe(parts()[0]?.sha256);
    expect(whole.subarray(0, 2).toString("hex")).toBe("ffd8");
    expect(refusals()).toMatchObject([{ request: "not", reason: "unreachable" }]);
    await expect.poll(() => agent.outbox.recordCount, SOON).toBe(0);
  });
});
