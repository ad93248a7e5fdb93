/** `kill -9` of each process in turn while alarms happen: everything returns by itself, nothing is lost or doubled. */
import type { AlarmDetail } from "@campus-ops/dashboards/api";
import { verifyBundle } from "@campus-ops/rules/evidence";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, SimulatorControl } from "../testing/api-client.ts";
import { eventually } from "../testing/awaiting.ts";
import { HubProcess } from "../testing/hub-process.ts";

const GATE = "qiyun-no1/box-1/gate-store";
const BUTTON = "qiyun-no1/box-1/panic-office";
const EDGE = "edge qiyun-no1-box-1";
const VICTIMS = ["broker", "ingest", "rules", "dashboards", EDGE] as const;

let hub: HubProcess;
let api: ApiClient;
let control: SimulatorControl;

beforeAll(async () => {
  hub = await HubProcess.start();
  await hub.ready();
  api = new ApiClient(hub.url);
  control = new SimulatorControl(hub.private_("simulators"));
  // The day goes on as load; what is counted happens at devices that it leaves alone.
  await eventually("the gate and the button work", async () => {
    const devices = await Promise.all([api.device(GATE), api.device(BUTTON)]);
    return devices.every(({ health }) => health === "working") ? true : undefined;
  });
});
afterAll(async () => {
  await hub?.stop();
});

/** How often the store's door has been forced so far, as the alarm itself tells it. */
async function forced(): Promise<AlarmDetail | undefined> {
  const alarm = (await api.alarms()).find(
    ({ rule, device }) => rule.endsWith("door-forced") && device.key === GATE,
  );
  return alarm === undefined ? undefined : api.alarm(alarm.id);
}

/** Raisings in the alarm's history, each by its occurrence: a doubled one would be there twice. */
function raisings({ transitions }: AlarmDetail): readonly number[] {
  return transitions
    .filter(({ from, to }) => to === "unacknowledged" && from !== "unacknowledged")
    .map(({ occurrence }) => occurrence);
}

describe.each(VICTIMS)("kill -9 of %s", (victim) => {
  test("while a door is forced open: one more alarm, not none and not two", async () => {
    const before = await forced();
    const known = before?.occurrence ?? 0;
    // The door opens, and before anybody can have told anybody, the process is gone.
    const returned = hub.killAndAwaitReturn(victim);
    await control.set(GATE, "Door/Open", true);
    await returned;
    const after = await eventually("the forced door is known", async () => {
      const alarm = await forced();
      return alarm !== undefined && alarm.occurrence > known ? alarm : undefined;
    });
    expect(after.occurrence).toBe(known + 1);
    await api.post(`/api/v1/alarms/${encodeURIComponent(after.id)}/acknowledge`, { comment: "seen" });
    await control.set(GATE, "Door/Open", false);
    const cleared = await eventually("the alarm has cleared", async () => {
      const alarm = await forced();
      return alarm?.state === "normal" ? alarm : undefined;
    });
    const occurrences = raisings(cleared).filter((each) => each > known);
    expect(occurrences).toEqual([known + 1]);
    // The picture was asked for and sent while that process was away, or about to go.
    const pictures = await eventually("the picture of the forced door", async () => {
      const of = (await api.alarm(after.id)).pictures.filter(({ occurrence }) => occurrence > known);
      return of[0]?.state === "taken" ? of : undefined;
    });
    const [first, ...later] = pictures;
    // A box's cameras come back one after the other; the nearest of those that are there is asked.
    const why = victim === EDGE ? expect.stringMatching(/^same-(place|floor|building)$/) : "same-place";
    expect(first).toMatchObject({ occurrence: known + 1, after_ms: 0, state: "taken", why });
    const asked = later.map(({ after_ms, kind }) => `${kind} ${after_ms}`);
    expect(asked).toEqual(["snapshot 5000", "snapshot 10000", "clip -5000"]);
  });

  test("the outbox drains to nothing that is old", async () => {
    await eventually("an empty outbox", async () => {
      const response = await hub.private_("edge-qiyun-no1-box-1").fetch("/healthz");
      const { outbox } = (await response.json()) as { outbox: { records: number } };
      return outbox.records === 0 ? true : undefined;
    });
  });
});

test("after all of it the evidence is complete: every picture is in the bundle, and the bundle holds", async () => {
  const alarm = await eventually("the forced door", forced);
  const page = await api.text(`/api/v1/alarms/${encodeURIComponent(alarm.id)}/bundle`);
  const { bundle, problems } = verifyBundle(page);
  expect(problems).toEqual([]);
  const hashes = new Set(bundle?.alarm.pictures.flatMap(({ sha256 }) => sha256 ?? []));
  expect(bundle?.pictures?.length).toBe(hashes.size);
  expect(bundle?.alarm.pictures.length).toBeGreaterThanOrEqual(VICTIMS.length);
  const [first = ""] = bundle?.pictures ?? [];
  const found = page.indexOf("base64,", page.indexOf(`id="picture-${first}"`)) + 1_000;
  const changed = `${page.slice(0, found)}${page[found] === "A" ? "B" : "A"}${page.slice(found + 1)}`;
  expect(verifyBundle(changed).problems).toEqual([`the picture ${first} is not the one that was taken`]);
});

test("a press that latched while rules was away is there when it is back, and stays until it is reset", async () => {
  const returned = hub.killAndAwaitReturn("rules");
  await control.set(BUTTON, "Panic/Pressed", true);
  await control.set(BUTTON, "Panic/Pressed", false);
  await returned;
  const alarm = await eventually("the panic alarm", async () =>
    (await api.alarms("active")).find(
      ({ device, rule }) => device.key === BUTTON && rule.endsWith("panic-pressed"),
    ),
  );
  expect(alarm.priority).toBe(1);
});

test("the supervisor's own death ends every process, and the next start finds everything in order", async () => {
  const pids = hub.processes().map((name) => hub.pid(name));
  const known = (await api.alarms()).map(({ id, occurrence }) => `${id} ${occurrence}`);
  expect(pids.length).toBeGreaterThanOrEqual(8);
  await hub.crash();
  for (const pid of pids) {
    await eventually(`process ${pid} ends`, async () => (exists(pid) ? undefined : true));
  }
  const next = await HubProcess.start({ data: hub.data });
  try {
    await next.ready();
    const alarms = await new ApiClient(next.url).alarms();
    expect(alarms.map(({ id, occurrence }) => `${id} ${occurrence}`)).toEqual(expect.arrayContaining(known));
  } finally {
    await next.stop();
  }
});

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
