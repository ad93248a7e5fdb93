/**
 * A person at a console over workers, all of it as processes, with mosquitto, nats-server, VictoriaMetrics and PostgreSQL: signs
 * in, sees the alarms of two campuses that two workers hold, acknowledges one, and goes on when the worker and then the console
 * are killed, the console on another disk.
 */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlarmDetail, AlarmList } from "@campus-ops/dashboards/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAccounts } from "../../cli/accounts.ts";
import { eventually } from "../../testing/awaiting.ts";
import { ConsolePerson } from "../../testing/console-person.ts";
import { freePort } from "../../testing/hub-process.ts";
import { City, PACK, PATIENCE_MS } from "../../testing/scale-out/city.ts";
import type { WorkerProcess } from "../../testing/scale-out/worker-process.ts";
import { tell } from "../outcome.ts";

const CAMPUSES = ["first", "second"] as const;
/** A worker that a busy machine keeps from its leases for longer ends itself, and nobody here starts it again. */
const LEASE_SECONDS = 30;
const SWIPES = 4;
const PASSWORD = "orange tram over river";

let city: City;

beforeAll(async () => {
  city = await City.start({
    campuses: CAMPUSES,
    leaseSeconds: LEASE_SECONDS,
    reporting: true,
    sections: {
      notify: {
        desks: { "duty-room": { title: { zh: "值班室", en: "Duty room" }, channels: [] } },
        escalation: { 4: [{ desks: ["duty-room"] }] },
      },
      dashboards: { access: "accounts" },
    },
  });
  const role = ["administrator", "duty-leader", "facilities-manager", "principal", "auditor"];
  const at = role.map(() => "");
  const options = { role, at, administrator: false, generate: false, totp: false, title: "管理员" };
  await runAccounts(join(city.folder, "console"), ["add", "chief"], options, {
    language: "en",
    readPassword: async () => PASSWORD,
  });
}, PATIENCE_MS);
afterAll(() => city?.stop());

test("somebody at a console sees and acknowledges alarms of all campuses, whichever worker dies, and the console after them", {
  timeout: 600_000,
}, async () => {
  const rules = [city.begin("rules", "rules-a"), city.begin("rules", "rules-b")];
  const ingest = [city.begin("ingest", "ingest-a"), city.begin("ingest", "ingest-b")];
  await city.shared(ingest);
  await city.shared(rules);
  const port = await freePort();
  const http = { CAMPUS_OPS_HTTP_PORT: String(port) };
  const desk = city.begin("dashboards", "console", http);
  await desk.log.until("the console is ready", ({ ready }) => ready === true);
  const person = new ConsolePerson(`http://127.0.0.1:${port}`);
  await person.signIn("chief", PASSWORD);

  const edges = await city.boxes();
  for (const edge of edges)
    for (let swipe = 0; swipe < SWIPES; swipe += 1) {
      await edge.refuse();
      for (const source of edge.sources) await edge.report(source);
    }
  const alarms = () => person.get<AlarmList>("/alarms?state=all&limit=100").then((list) => list.alarms);
  const whole = SWIPES * CAMPUSES.length;
  await eventually(
    "every swipe is an alarm on the list",
    async () => (await alarms()).length === whole || undefined,
    PATIENCE_MS,
  );
  const ofCampus = async (campus: string) => {
    const own = (await alarms()).filter(
      ({ device, state }) => device.campus === campus && state.endsWith("unacknowledged"),
    );
    const [first] = own;
    if (first === undefined) throw new Error(`${campus} has no alarm to acknowledge`);
    return first;
  };
  const acknowledge = async (id: string): Promise<void> => {
    await person.ask("POST", `/alarms/${id}/acknowledge`, { comment: "seen" });
  };

  // What is computed over both campuses, by the workers that hold them.
  const to = Date.now() + 60_000;
  const range = `from=${to - 3_600_000}&to=${to}`;
  const figures = await person.get<{ all: { raised: number }; desks: readonly { raised: number }[] }>(
    `/alarm-figures?${range}`,
  );
  expect([figures.all.raised, figures.desks[0]?.raised]).toEqual([whole, whole]);
  const failing: string[] = [];
  for (const path of [
    `/use?${range}`,
    `/use/left-on?${range}`,
    `/health/failures?${range}`,
    `/health/models?${range}`,
    `/health/bandwidth?${range}`,
    "/alarm-performance",
    "/channels",
    "/back-tests",
    "/drills",
    "/suppressions",
    "/rule-packs",
    "/settings/notify",
    "/settings/retention",
  ])
    await person.get(path).catch((error: unknown) => failing.push(String(error)));
  expect(failing).toEqual([]);
  const keys = CAMPUSES.map((campus) => `990100/990101/${campus}`).join();
  await eventually(
    "the health of devices is known of both campuses",
    async () => {
      const query = `/health/figures?${range}&groupBy=campus`;
      const health = await person.get<readonly { key: string }[]>(query);
      return health.map(({ key }) => key).join() === keys || undefined;
    },
    PATIENCE_MS,
  );
  const [duty] = await person.get<readonly { id: string }[]>("/desks");
  const summary = await person.get<{ standing: number }>(`/desks/${duty?.id}/summary`);
  expect(summary.standing).toBe(whole);
  const given = { from: "chen", to: "li" };
  expect(await person.ask("POST", `/desks/${duty?.id}/hand-overs`, given)).toMatchObject(given);
  const drill = { path: "990100/990101", duration_ms: 600_000, title: "fire" };
  const { id: drillId } = await person.ask<{ id: string }>("POST", "/drills", drill);
  expect(await person.get<readonly { id: string }[]>("/drills")).toMatchObject([{ id: drillId }]);

  // A setting that is written at one worker is at the other when that begins again, and a pack without it.
  const retention = await person.get<{ value: unknown; version: string }>("/settings/retention");
  const told = await person.ask<{ saved: boolean }>("PUT", "/settings/retention", {
    value: { ...(retention.value as object), journalDays: 45 },
    version: retention.version,
    check: true,
  });
  expect(told).toMatchObject({ saved: false, problems: [] });
  const pack = readFileSync(PACK, "utf8")
    .replace("pack: load", "pack: own")
    .replaceAll("id: load-", "id: own-");
  await person.ask("PUT", "/rule-packs/own/own", { text: pack });
  expect(await person.get("/rule-packs/own/own")).toMatchObject({ name: "own", text: pack });
  await eventually(
    "the pack is at both workers",
    async () => rules.every((_, index) => existsSync(packAt(index))) || undefined,
    PATIENCE_MS,
  );

  await acknowledge((await ofCampus("first")).id);
  const second = await ofCampus("second");
  const victim = rules.find(({ campuses }) => campuses.includes("second"));
  const heir = rules.find((each) => each !== victim);
  const at = performance.now();
  await victim?.end("SIGKILL");
  // The other campus is worked at meanwhile.
  await eventually(
    "an alarm of the campus that nobody lost is acknowledged",
    async () =>
      acknowledge((await ofCampusOf(heir)).id).then(
        () => true as const,
        () => undefined,
      ),
    PATIENCE_MS,
  );
  await eventually(
    "an alarm of the campus that was taken over is acknowledged",
    async () =>
      acknowledge(second.id).then(
        () => true as const,
        () => undefined,
      ),
    PATIENCE_MS,
  );
  const seconds = (performance.now() - at) / 1_000;
  expect((await alarms()).length).toBe(whole);

  // The console's machine is gone; another one has its disk.
  await desk.end("SIGKILL");
  cpSync(join(city.folder, "console"), join(city.folder, "elsewhere"), { recursive: true });
  const other = city.begin("dashboards", "elsewhere", http);
  await other.log.until("the console is ready elsewhere", ({ ready }) => ready === true);
  const again = new ConsolePerson(`http://127.0.0.1:${port}`, { cookies: person.cookies });
  const me = await again.get<{ user: string }>("/me");
  expect(me.user).toBe("chief");
  const { transitions } = await again.get<AlarmDetail>(`/alarms/${second.id}`);
  expect(transitions.map(({ by, event }) => [event, by])).toContainEqual(["acknowledge", "chief"]);
  const trail = JSON.stringify(await again.get("/audit?limit=100"));
  expect(trail).toContain("alarm.acknowledge");
  expect(trail).toContain(second.id);
  tell({
    fault: "rules worker killed under a person at the console",
    part: "console over workers",
    lost: 0,
    doubled: 0,
    recovered_s: seconds,
  });

  function packAt(index: number): string {
    return join(city.folder, index === 0 ? "rules-a" : "rules-b", "rule-packs/own.yaml");
  }

  async function ofCampusOf(worker: WorkerProcess | undefined) {
    const [campus = ""] = worker?.campuses ?? [];
    const list = await person.get<AlarmList>(`/alarms?state=all&limit=100&campus=${campus}`);
    const [open] = list.alarms.filter(
      ({ device, state }) => device.campus === campus && state.endsWith("unacknowledged"),
    );
    if (open === undefined) throw new Error(`${campus} has no alarm to acknowledge`);
    return open;
  }
  await Promise.all([person, again].map((each) => each.leave()));
});
