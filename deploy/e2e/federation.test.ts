/**
 * A campus's hub, its county's and the city's, the latter two in networks of their own; the line between campus and county
 * is cut and healed. `CAMPUS_OPS_CUTS` says how often; once unless it does. The county's hub has enrolled at the city's by a
 * seed file, and speaks to it over TLS with its certificate.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CampusId, type Rollup } from "@campus-ops/device-profiles/vocabulary";
import type { CampusRollup, NodeView } from "@campus-ops/ingest/api";
import type { AlarmDetail, AlarmView, DayTelling, HealthFigure, RoomUseView } from "@campus-ops/rules/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../testing/awaiting.ts";
import { CANARIES, CanaryCampus, GATE, PANIC, ROOM } from "../testing/federation/canary-campus.ts";
import { RecordingRelay } from "../testing/federation/recording-relay.ts";
import { TierHub } from "../testing/federation/tier-hub.ts";
import { freePort } from "../testing/hub-process.ts";
import { NetworkNamespace } from "../testing/network-namespace.ts";

const CUTS = Number(process.env.CAMPUS_OPS_CUTS ?? 1);
const SOON_MS = 90_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CAMPUS = "qiyun-no1";
const title = { zh: "测试", en: "Test" };
const campuses = (...ids: string[]) => ids.map((id) => ({ id: CampusId(id), title }));
const city = { code: "990100", title };
const county = { code: "990102", title };
/** Each hub knows of its own part of the tree. */
const SITES = {
  campus: { city, counties: [{ ...county, campuses: campuses(CAMPUS) }] },
  county: { city, counties: [{ ...county, campuses: campuses(CAMPUS, "qiyun-no2") }] },
  city: {
    city,
    counties: [
      { ...county, campuses: campuses(CAMPUS, "qiyun-no2") },
      { code: "990103", title, campuses: campuses("lanxi-no1") },
    ],
  },
};

/** The campus alone knows its rooms. */
const USE = {
  classes: { [CAMPUS]: 12 },
  rooms: {
    maker: {
      title: { zh: "创客室", en: "Maker room" },
      threshold: 0.1,
      teachingHours: 40,
      places: [`${CAMPUS}/${ROOM}`],
    },
  },
};

const folder = mkdtempSync(join(tmpdir(), "co-fed-"));
const password = randomBytes(16).toString("hex");
let countyNet: NetworkNamespace;
let cityNet: NetworkNamespace;
let relay: RecordingRelay;
let hubs: Record<keyof typeof SITES, TierHub>;
let school: CanaryCampus;

beforeAll(async () => {
  countyNet = new NetworkNamespace({ number: 1 });
  cityNet = new NetworkNamespace({ number: 2, beside: countyNet });
  const [mqttPort, mqttsPort, enrolmentPort] = [await freePort(), await freePort(), await freePort()];
  const seed = join(folder, "edge.conf");
  relay = await RecordingRelay.start(countyNet.inside, mqttPort);
  const hub = (tier: keyof typeof SITES, listen: string[], nodes: string[], more: object): TierHub =>
    new TierHub({
      folder: join(folder, tier),
      site: SITES[tier],
      listen,
      mqttPort,
      nodes,
      password,
      ...more,
    });
  hubs = {
    campus: hub("campus", ["127.0.0.1"], [`${CAMPUS}/box-1`], { parent: relay.url, more: { use: USE } }),
    county: hub("county", ["127.0.0.1", countyNet.inside], [`${CAMPUS}/hub`], {
      network: countyNet,
      parent: { seed },
    }),
    city: hub("city", ["127.0.0.1"], [], {
      network: cityNet,
      enrols: { host: cityNet.inside, mqttsPort, port: enrolmentPort },
    }),
  };
  await hubs.city.makeAuthority();
  await hubs.city.enrol("token", county.code, seed);
  await Promise.all(Object.values(hubs).map((each) => each.start()));
  school = new CanaryCampus({
    folder: join(folder, "school"),
    url: `mqtt://127.0.0.1:${mqttPort}`,
    password,
    campus: CAMPUS,
    path: `990100/990102/${CAMPUS}`,
  });
});
afterAll(async () => {
  await school?.stop();
  await Promise.all(Object.values(hubs ?? {}).map((each) => each.stop()));
  await relay?.stop();
  cityNet?.remove();
  countyNet?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const TIERS = ["campus", "county", "city"] as const;
const alarmOf = async (tier: keyof typeof SITES, rule: string): Promise<AlarmView | undefined> =>
  (await hubs[tier].get<readonly AlarmView[]>("rules", "/alarms?state=all")).find(
    (each) => each.rule === rule,
  );
const everywhere = (what: string, rule: string, holds: (alarm: AlarmView) => boolean) =>
  Promise.all(
    TIERS.map((tier) =>
      eventually(
        `${what} at the ${tier}'s hub`,
        async () => {
          const alarm = await alarmOf(tier, rule);
          return alarm !== undefined && holds(alarm) ? alarm : undefined;
        },
        SOON_MS,
      ),
    ),
  );
const isIn = (state: AlarmView["state"]) => (alarm: AlarmView) => alarm.state === state;

async function countsAt(tier: keyof typeof SITES): Promise<CampusRollup | undefined> {
  const now = Date.now();
  const all = await hubs[tier].get<readonly CampusRollup[]>(
    "ingest",
    `/rollups?from=${now - HOUR_MS}&to=${now}`,
  );
  const own = all.filter(({ campus }) => campus === CAMPUS);
  expect(own.length).toBeLessThanOrEqual(1);
  return own[0];
}

/** What a person of the bureau looks at, without what changes while it is looked at. */
const figures = ({ counts }: { readonly counts: Rollup }) => [
  counts["devices.registered"],
  counts["devices.working"],
  counts["nodes.online"],
  counts["access.refused"],
  counts["screening.suspect"],
];

/** The sums of some days of the campus, as a hub knows them. */
async function sumsAt(
  tier: keyof typeof SITES,
  { from, to }: { readonly from: number; readonly to: number },
) {
  const range = `from=${from}&to=${to}`;
  const [use = [], health = []] = [
    await hubs[tier].get<readonly RoomUseView[]>("rules", `/use?${range}`),
    await hubs[tier].get<readonly HealthFigure[]>("rules", `/health/figures?${range}&groupBy=class`),
  ];
  return {
    use: use.map(
      ({ campus, classes, records, rooms, teachingHours, type, unplannedUsed, used, wasted_ms }) => ({
        ...{ campus, type, rooms, classes, teachingHours, used, unplannedUsed, records, wasted_ms },
      }),
    ),
    health: health.map(({ lastKnown: _, title: __, ...sums }) => sums),
  };
}

/** Days of which a hub tells the one above something of the campus: from the first one on, up to when they are counted. */
async function daysAt(
  tier: keyof typeof SITES,
): Promise<{ readonly from: number; readonly to: number } | undefined> {
  const days: DayTelling["days"][number][] = [];
  for (let [after, isMore] = [0, true]; isMore; ) {
    const telling = await hubs[tier].get<DayTelling>("rules", `/telling/${CAMPUS}/days?after=${after}`);
    days.push(...telling.days);
    ({ cursor: after, isMore } = telling);
  }
  const known = days.filter(({ fields }) => Number(fields.devices ?? fields.records) > 0);
  if (known.length === 0) return undefined;
  const all = (name: string): readonly number[] => known.map(({ fields }) => Number(fields[name]));
  return { from: Math.min(...all("day")), to: Math.max(...all("until")) };
}

test("three hubs know one alarm and one set of figures, before a cut, during it and after", {
  timeout: 240_000 * (CUTS + 1),
}, async () => {
  const begun = Date.now();
  await eventually("the campus knows its devices", async () =>
    (await countsAt("campus"))?.counts["devices.working"] === 3 ? true : undefined,
  );
  await school.passBy();
  await school.set(GATE, "Door/Tamper", true);
  const rung = await everywhere("the alarm rings", "gate-tamper", isIn("unacknowledged"));
  expect(new Set(rung.map(({ id, raisedAt }) => `${id} ${raisedAt}`)).size).toBe(1);
  expect(rung.map(({ hub }) => hub)).toEqual([undefined, `${CAMPUS}/hub/${CAMPUS}`, `990102/hub/${CAMPUS}`]);
  const id = rung[0]?.id ?? "";

  await hubs.campus.act(id, "comment", { by: CANARIES.name, comment: CANARIES.comment });
  await hubs.city.act(id, "acknowledge");
  const acknowledged = await everywhere("it is acknowledged", "gate-tamper", isIn("acknowledged"));
  expect(new Set(acknowledged.map((alarm) => alarm.acknowledged?.by))).toEqual(new Set(["duty@990100"]));

  for (const tier of ["county", "city"] as const)
    await eventually(`the ${tier} has the campus's figures`, async () => {
      const [own, told] = [await countsAt("campus"), await countsAt(tier)];
      return own !== undefined && told !== undefined && figures(own).join() === figures(told).join()
        ? told
        : undefined;
    });
  expect((await countsAt("city"))?.counts).toMatchObject({
    "devices.registered": 3,
    "access.refused": 1,
    "screening.suspect": 1,
  });

  await school.useRoom({ from: begun - 3 * HOUR_MS, to: begun - HOUR_MS });
  await eventually(
    "the campus has a record of the use of its room, and the health of its devices",
    async () => {
      const { health, use } = await sumsAt("campus", { from: begun - DAY_MS, to: Date.now() });
      return (use[0]?.used ?? 0) > 0 && health.length === 3 ? true : undefined;
    },
    SOON_MS,
  );

  for (let cut = 1; cut <= CUTS; cut += 1) {
    countyNet.cut();
    await school.set(PANIC, "Panic/Pressed", true);
    await school.passBy();
    await hubs.campus.killAndRestart("rules");
    await hubs.campus.killAndRestart("edge-agent");
    await eventually(
      "the county says that the campus is cut off",
      async () => {
        const alarm = await alarmOf("county", "hub-cut-off");
        return alarm?.state === "unacknowledged" ? alarm : undefined;
      },
      SOON_MS,
    );
    const known = await alarmOf("county", "gate-tamper");
    expect([known?.state, known?.lastKnown !== undefined]).toEqual(["acknowledged", true]);
    expect((await countsAt("county"))?.lastKnown).toBeTypeOf("number");
    await hubs.county.act(id, "comment", { comment: `已派人 ${cut}` });
    await hubs.county.killAndRestart("broker");
    await hubs.county.killAndRestart("ingest");
    countyNet.heal();

    await everywhere(
      "the panic of the cut",
      "panic-pressed",
      (alarm) => alarm.occurrence === cut && isIn("unacknowledged")(alarm),
    );
    await everywhere("nothing is last known", "gate-tamper", (alarm) => alarm.lastKnown === undefined);
    await eventually(
      "the campus has the county's comment",
      async () => {
        const { transitions } = await hubs.campus.get<AlarmDetail>("rules", `/alarms/${id}`);
        const said = transitions.filter(({ comment }) => comment === `已派人 ${cut}`);
        return said.length > 0
          ? (expect(said.map(({ by }) => by)).toEqual(["duty@990102"]) ?? true)
          : undefined;
      },
      SOON_MS,
    );
    await eventually(
      "the hub's alarm is over",
      async () =>
        (await alarmOf("county", "hub-cut-off"))?.state === "returned-unacknowledged" ? true : undefined,
      SOON_MS,
    );
    await eventually(
      "the city has the figures of the cut",
      async () => ((await countsAt("city"))?.counts["access.refused"] === cut + 1 ? true : undefined),
      SOON_MS,
    );
    const panic = (await alarmOf("campus", "panic-pressed"))?.id ?? "";
    const cutOff = (await alarmOf("county", "hub-cut-off"))?.id ?? "";
    await hubs.county.act(cutOff, "acknowledge");
    await school.set(PANIC, "Panic/Pressed", false);
    await everywhere("the panic is latched", "panic-pressed", isIn("latched"));
    await hubs.county.act(panic, "reset");
    await everywhere("the panic is reset", "panic-pressed", isIn("normal"));
  }

  // The campus's rules have counted its days anew since they were killed.
  for (const tier of ["county", "city"] as const) {
    const told = await eventually(
      `the ${tier} has the sums of the campus's days`,
      async () => {
        const days = await daysAt(tier);
        if (days === undefined) return undefined;
        const [own, told] = [await sumsAt("campus", days), await sumsAt(tier, days)];
        return (own.use[0]?.used ?? 0) > 0 && isDeepStrictEqual(told, own) ? told : undefined;
      },
      SOON_MS,
    );
    expect(told.use).toMatchObject([{ campus: CAMPUS, type: "maker", rooms: 1, classes: 12 }]);
    expect(told.health.map(({ devices }) => devices)).toEqual([1, 1, 1]);
  }

  for (const tier of TIERS) {
    const alarms = await hubs[tier].get<readonly AlarmView[]>("rules", "/alarms?state=all");
    const details = await Promise.all(
      alarms.map((alarm) => hubs[tier].get<AlarmDetail>("rules", `/alarms/${alarm.id}`)),
    );
    const history = details.find((each) => each.rule === "gate-tamper")?.transitions ?? [];
    const moved = history.filter(({ from, to }) => from !== to).map(({ event }) => event);
    expect([tier, moved]).toEqual([tier, ["raise", "acknowledge"]]);
  }

  const [node] = await hubs.city.get<readonly NodeView[]>("ingest", `/nodes?campus=${county.code}`);
  const days = node?.metrics.find(({ name }) => name === "Edge/CertificateDays")?.value;
  expect(days).toBeGreaterThan(89);
  await hubs.city.enrol("revoke", county.code);
  await eventually("a county's hub whose certificate was revoked is cut off", async () => {
    const [revoked] = await hubs.city.get<readonly NodeView[]>("ingest", `/nodes?campus=${county.code}`);
    return revoked?.online === false ? true : undefined;
  });

  const left = relay.bytes();
  expect(left.includes(id)).toBe(true);
  for (const [what, secret] of Object.entries(CANARIES)) {
    const forms = typeof secret === "number" ? numbersOf(secret) : [Buffer.from(secret)];
    expect([what, forms.some((form) => left.includes(form))]).toEqual([what, false]);
  }
  const held = await hubs.campus.get<readonly AlarmView[]>("rules", "/alarms?state=all");
  expect(JSON.stringify(held)).toContain(CANARIES.name);
});

/** As a number may stand in a message: eight bytes, four, or digits. */
function numbersOf(value: number): readonly Buffer[] {
  const [double, float] = [Buffer.alloc(8), Buffer.alloc(4)];
  double.writeDoubleLE(value);
  float.writeFloatLE(value);
  return [double, float, Buffer.from(String(value))];
}
