/** What a hub sees of a box that takes updates, over a real broker; the way from hub to box and back is in deploy/updates. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeCommand } from "@campus-ops/broker/sparkplug";
import { CampusId, NodeId } from "@campus-ops/device-profiles/vocabulary";
import { createLog } from "@campus-ops/service";
import { afterEach, describe, expect, test } from "vitest";
import { isBusy, isFileFree, type JobPhase, outcomeOf, shownUpdate } from "../core/update.ts";
import { startAedes } from "../testing/brokers.ts";
import { CAMPUS, clock, configuration, NODE, startAgent, temporaryFolder } from "../testing/test-agent.ts";
import { TestHost } from "../testing/test-host.ts";
import type { BoxUpdate } from "./box-update.ts";
import { openBoxUpdate } from "./index.ts";
import { updatePlaces } from "./update-service.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function write(file: string, content: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
}

test("a box from the image is born with what its bundles are for, and answers what it is told", async () => {
  const broker = await startAedes();
  closing.push(() => broker.stop());
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const hub = await TestHost.start({ url: broker.url, campus: CAMPUS, node: NODE });
  closing.push(() => hub.stop());
  const places = updatePlaces(folder.path);
  write(places.image, { compatible: "campus-ops-edge-arm64", version: "0.1.0" });
  write(places.status, { state: "done", running: { slot: "B", version: "0.1.0" }, target: "0.1.0", at: "1" });
  const box: { update?: BoxUpdate | undefined } = {};
  let shows = 0;
  const agent = startAgent(configuration(broker.url, []), folder.path, clock, {
    writeNode: async (_metric, value) =>
      (await box.update?.write(value)) ?? { state: "refused", detail: "not there" },
  });
  closing.push(() => agent.stop());
  box.update = openBoxUpdate({
    agent: {
      show: (values) => {
        shows += 1;
        agent.show(values);
      },
    },
    dataFolder: folder.path,
    // Nobody is there: what is fetched waits.
    hub: { url: "https://127.0.0.1:1", pin: "0".repeat(64), identity: "none" },
    places,
    clock,
    random: Math.random,
    log: createLog("test", "silent"),
  });
  closing.push(() => box.update?.stop());

  await hub.until(() => hub.arrivals.some(({ type }) => type === "NBIRTH"));
  const birth = hub.arrivals.find(({ type }) => type === "NBIRTH");
  const born = Object.fromEntries(birth?.samples.map(({ metric, value }) => [metric, value]) ?? []);
  expect(born).toMatchObject({
    "Update/Compatible": "campus-ops-edge-arm64",
    "Update/System": "0.1.0",
    "Update/State": "done",
    "Update/Job": "",
    "Update/Install": "",
  });

  // What is as it was is not said again: what the box offers, and how it is.
  box.update?.look();
  box.update?.look();
  expect(shows).toBe(2);

  const tell = (id: string, value: string) =>
    hub.publish(
      writeCommand(
        { campus: CampusId(CAMPUS), node: NodeId(NODE) },
        { metric: "Update/Install", value, id },
        Date.now(),
      ),
    );
  const results = () =>
    hub.arrivals.flatMap(({ events }) => events).filter(({ event }) => event === "Command/Result");
  await tell("c1", "nonsense");
  await tell("c2", JSON.stringify({ job: "r1.1", sha256: "0".repeat(64), bytes: 5, version: "0.2.0" }));
  await hub.until(() => results().length >= 2);
  expect(results().map(({ fields }) => [fields.command, fields.state])).toEqual([
    ["c1", "refused"],
    ["c2", "confirmed"],
  ]);
  const said = (metric: string) =>
    hub.arrivals
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.metric === metric)
      .at(-1)?.value;
  await hub.until(() => said("Update/State") === "fetching");
  expect([said("Update/Job"), said("Update/Target")]).toEqual(["r1.1", "0.2.0"]);
});

describe("what a box shows", () => {
  const job = { job: "r1.1", sha256: "0".repeat(64), bytes: 200, version: "0.2.0" };
  const status = (state: string, at: string) => ({ state, at, percent: 7, running: { version: "0.1.0" } });
  const handed: JobPhase = { kind: "handed-over", since: "1" };

  test.each([
    ["fetching, by what is here", { kind: "fetching" } as const, status("done", "1"), "fetching", 25],
    ["checking, while the service still speaks of the last one", handed, status("done", "1"), "checking", 0],
    ["checking, while the service says nothing", handed, undefined, "checking", 0],
    ["what the service says", handed, status("installing", "2"), "installing", 7],
    [
      "its end, whatever is installed later",
      { kind: "over", state: "failed" } as const,
      status("installing", "3"),
      "failed",
      0,
    ],
  ])("%s", (_, phase, said, state, percent) => {
    expect(shownUpdate({ job, phase }, 50, said)).toMatchObject({
      Job: "r1.1",
      State: state,
      Progress: percent,
      Target: "0.2.0",
    });
  });

  test("without a job is what the service does for others", () => {
    expect(shownUpdate(undefined, 0, status("proving", "2"))).toMatchObject({ Job: "", State: "proving" });
    expect(shownUpdate(undefined, 0, undefined)).toMatchObject({ State: "idle", System: "" });
  });

  test.each([
    ["checking", true, false, false],
    ["installing", true, false, false],
    ["restarting", true, true, false],
    ["proving", true, true, false],
    ["done", false, true, true],
    ["refused", false, true, true],
    ["failed", false, true, true],
    ["rolled-back", false, true, true],
  ])("%s: busy %s, file free %s, over %s", (state, busy, free, over) => {
    const known = { job, phase: handed };
    expect(isBusy(known, status(state, "2"))).toBe(busy);
    expect(isFileFree(known, status(state, "2"))).toBe(free);
    expect(outcomeOf(known, status(state, "2")) !== undefined).toBe(over);
    // Of an installation before this one.
    expect([isBusy(known, status(state, "1")), outcomeOf(known, status(state, "1"))]).toEqual([
      false,
      undefined,
    ]);
  });
});
