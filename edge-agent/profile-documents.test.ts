/**
 * A user can write in YAML whatever a profile that ships says, where a profile is data: each is written down, read back by
 * the agent, and is the same; and of each protocol one, so read, is spoken to its simulator by its driver.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PayloadField } from "@campus-ops/device-profiles/codecs/payload-fields";
import { PROFILES, type Profile } from "@campus-ops/device-profiles/profiles";
import { declaredBy } from "@campus-ops/device-profiles/profiles/declared";
import type { Dlt645Item } from "@campus-ops/device-profiles/profiles/dlt645-profile";
import { PROFILE_SCHEMAS } from "@campus-ops/device-profiles/profiles/document/kinds";
import type { Quality, SampleValue } from "@campus-ops/device-profiles/vocabulary";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { type LoadedProfile, loadProfileFiles } from "./profile-folder.ts";
import { ObservedSession, startDevice } from "./testing/observed-session.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "edge-documents-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OWN_ID = (id: string): string => id.replace("/", "/own-");

/** The profile's own fields, as a user writes them; undefined where a profile is more than data, or tested elsewhere. */
function ownFields(profile: Profile): object | undefined {
  switch (profile.protocol) {
    case "zigbee2mqtt": {
      const { exposes, hasActions } = profile;
      return { exposes, hasActions };
    }
    case "chirpstack": {
      const { actions, downlinks, payload, silenceMax_ms, values } = profile;
      const layout =
        payload.kind === "fixed"
          ? { fields: payload.fields.map(fieldDocument) }
          : {
              channels: Object.fromEntries(
                Object.entries(payload.fields).map(([key, field]) => [key, fieldDocument(field)]),
              ),
            };
      return { ...layout, actions, downlinks, values, silence: duration(silenceMax_ms) };
    }
    case "webhook": {
      const { mappings, records, silenceMax_ms } = profile;
      return { mappings, records, silence: duration(silenceMax_ms) };
    }
    case "pull": {
      const { cursor, format, mappings, records } = profile;
      return { cursor, format, mappings, records };
    }
    case "isapi": {
      const { access, alerts, recorder, snapshot } = profile;
      return { access, alerts, recorder, snapshot };
    }
    case "dahua": {
      const { access, recorder, snapshot, topics } = profile;
      return { access, recorder, snapshot, topics };
    }
    case "cjt188": {
      const { atRest, layout, meterType } = profile;
      return { atRest, layout, meterType };
    }
    case "dlt645": {
      const { atRest, identity, items } = profile;
      return { atRest, identity: identity.map(itemDocument), items: items.map(itemDocument) };
    }
    case "jt808": {
      const { alarms, edition, items, silenceMax_ms, states } = profile;
      return { alarms, edition, items, states, silence: duration(silenceMax_ms) };
    }
    case "gbt26875":
      return { bits: profile.bits, silence: duration(profile.silenceMax_ms) };
    case "osdp":
      return { keypad: profile.keypad };
    case "rtsp":
      return { window: `${profile.window_s}s` };
    default:
      return undefined;
  }
}

const duration = (ms: number): string => `${ms / 1_000}s`;

function fieldDocument({ length, name, number }: PayloadField): object {
  if (number === undefined) return { name, length };
  const { bytes, mask, order, signed } = number;
  return { name, length, mask, order, type: `${signed ? "i" : "u"}${bytes * 8}` };
}

const itemDocument = ({ fields, identifier }: Dlt645Item): object => ({
  identifier: identifier.toString(16).padStart(8, "0"),
  fields: fields.map(({ type, ...field }) => (type === "digits" ? { ...field, digits: true } : field)),
});

function load(name: string, document: object): LoadedProfile {
  const file = join(folder, `${name.replaceAll("/", "-")}.yaml`);
  writeFileSync(file, stringify(document, { aliasDuplicateObjects: false }));
  const [loaded] = loadProfileFiles([file]);
  if (loaded === undefined) throw new Error("nothing was loaded");
  return loaded;
}

function written(profile: Profile, fields: object): object {
  const { model, pollInterval_ms, proven, protocol, sources, title, vendor } = profile;
  const common = { vendor, model, title, proven, sources, poll: duration(pollInterval_ms) };
  return JSON.parse(JSON.stringify({ id: OWN_ID(profile.id), protocol, ...common, ...fields })) as object;
}

const asData = PROFILES.flatMap((profile) => {
  const fields = ownFields(profile);
  return fields === undefined ? [] : [{ id: profile.id, profile, document: written(profile, fields) }];
});

test.each(asData)("$id, written in YAML, is the same profile", ({ document, id, profile }) => {
  const { problems, profile: read } = load(id, document);
  expect(problems).toEqual([]);
  expect(read).toEqual({ ...profile, id: OWN_ID(id), revision: expect.any(String) });
});

const oneEach = [...Map.groupBy(asData, ({ profile }) => profile.protocol)].flatMap(([protocol, [first]]) =>
  first === undefined ? [] : [{ ...first, protocol }],
);

test("profiles of every protocol can be written", () => {
  expect([...PROFILE_SCHEMAS.keys()]).toEqual(
    expect.arrayContaining(oneEach.map(({ protocol }) => protocol)),
  );
  const protocols = new Set<string>(PROFILES.map(({ protocol }) => protocol));
  expect([...protocols].filter((protocol) => !PROFILE_SCHEMAS.has(protocol))).toEqual([]);
});

/** A probe of a stream is FFmpeg's, which looks at a picture for seconds; `drivers/rtsp.test.ts` has it do so. */
test.each(oneEach.filter(({ protocol }) => protocol !== "rtsp"))(
  "a $protocol profile in YAML is spoken by the driver to its simulator",
  async ({ document, id }) => {
    const { profile } = load(id, document);
    if (profile === undefined) throw new Error("it is not read");
    const device = await startDevice(profile);
    try {
      const observed = await ObservedSession.open(profile, device);
      try {
        const own = declaredBy(profile).metrics.filter(
          (metric) => !/^(Connectivity|Properties)\//.test(metric),
        );
        await observed.until(
          "a value of its own",
          () =>
            own.length === 0 || own.some((metric) => observed.latest.get(metric)?.quality.status === "good"),
          true,
        );
      } finally {
        await observed.close();
      }
    } finally {
      await device.close();
    }
  },
);

describe("what is wrong is said where it is wrong", () => {
  const COMMON = {
    vendor: "x",
    model: "y",
    title: { zh: "甲", en: "a" },
    sources: ["a manual"],
    poll: "60s",
  };

  test.each([
    ["zigbee2mqtt", { exposes: { power: { metric: "Meter/Powr" } } }, "exposes.power.metric"],
    ["zigbee2mqtt", { exposes: { power: { metric: "Meter/Power", scal: 2 } } }, "exposes.power.scal"],
    [
      "chirpstack",
      { silence: "13h", fields: [{ name: "a", type: "u8" }], values: { b: { metric: "Battery/Level" } } },
      "values.b",
    ],
    [
      "chirpstack",
      { silence: "13h", values: {}, actions: { a: { event: "No/Such", words: {} } } },
      "actions.a.event",
    ],
    ["isapi", { alerts: [{ eventType: "vmd", metric: "Motion/Activ" }] }, "alerts.0.metric"],
    ["isapi", { alerts: [{ eventType: "VMD", metric: "Motion/Active" }] }, "alerts.0.eventType"],
    ["dahua", { topics: [{ code: "VideoMotion", metric: "No/Such" }] }, "topics.0.metric"],
    [
      "dlt645",
      { items: [{ identifier: "00000000", fields: [{ metric: "Meter/Enrgy", bytes: 4 }] }] },
      "items.0.fields.0.metric",
    ],
    [
      "cjt188",
      { meterType: 16, layout: [{ kind: "number", metric: "Water/Volum", bytes: 4, decimals: 2 }] },
      "layout.0.metric",
    ],
    ["cjt188", { meterType: 16, layout: [{ kind: "sum" }] }, "layout.0.kind"],
    ["dlt645", { items: [{ identifier: "0", fields: [] }] }, "items.0.identifier"],
    ["jt808", { edition: 2019, alarms: { "Bus/SO": [0] }, states: {}, silence: "5m" }, "alarms.Bus/SO"],
    ["jt808", { edition: 2019, alarms: { "Bus/SOS": [32] }, states: {}, silence: "5m" }, "alarms.Bus/SOS.0"],
    ["gbt26875", { bits: { "Fire/Alarms": { system: 1 } }, silence: "10m" }, "bits.Fire/Alarms"],
    ["osdp", { keypad: "yes" }, "keypad"],
    ["rtsp", { window: "1s" }, "window"],
    ["rtsp", { window: "31s" }, "window"],
    ["rtsp", { window: "4s", poll: "7s" }, "poll"],
    ["pull", { format: "xml", mappings: [{}] }, "format"],
    [
      "webhook",
      {
        silence: "1h",
        mappings: [{ id: "id", event: { name: "Access/Swipe", fields: { cred: { path: "c" } } } }],
      },
      "mappings.0.event.fields.cred",
    ],
    ["webhook", { silence: "1h", mappings: [{ event: { name: "Access/Swipe", fields: {} } }] }, "mappings.0"],
  ])("%s: %j", (protocol, fields, field) => {
    const { problems, profile } = load("wrong", {
      id: "environment-sensor/own",
      protocol,
      ...COMMON,
      ...fields,
    });
    expect(profile).toBeUndefined();
    expect(problems.map((each) => each.field)).toContain(field);
    expect(problems.every(({ line }) => line > 0)).toBe(true);
  });
});

/** Frames of the testcases that ship, by what they are called there and in a document. */
const FRAMES = ["message", "payload", "exchanges", "frames", "document", "readAt"] as const;

interface ShippedTestcase extends Partial<Record<(typeof FRAMES)[number], unknown>> {
  readonly title: string;
  readonly samples: Readonly<
    Record<string, SampleValue | { readonly value: SampleValue; readonly quality: Quality }>
  >;
  /** What cannot be read to its end makes no testcase. */
  readonly problem?: string;
}

/** Samples of a testcase by metric, none of them uncertain because of its time. */
const expected = ({ samples }: ShippedTestcase) =>
  Object.fromEntries(
    Object.entries(samples).map(([metric, each]) => {
      const quality = typeof each === "object" ? each?.quality : undefined;
      const isOld = quality?.status === "uncertain" && /^(device-clock|no-event-time)$/.test(quality.reason);
      return [metric, isOld && typeof each === "object" ? each?.value : each];
    }),
  );

const playable = asData.filter(
  ({ profile }) => !["isapi", "dahua", "osdp", "rtsp"].includes(profile.protocol),
);

test.each(playable)(
  "testcases of $id are played as those of a document",
  async ({ document, id, profile }) => {
    const { testcases } = (await import(`@campus-ops/device-profiles/profiles/${id}.testcases`)) as {
      readonly testcases: readonly ShippedTestcase[];
    };
    const cases = testcases
      .filter(({ problem }) => problem === undefined)
      .map((testcase) => ({
        title: testcase.title,
        ...Object.fromEntries(FRAMES.flatMap((name) => (name in testcase ? [[name, testcase[name]]] : []))),
        samples: expected(testcase),
      }));
    const withSamples = cases.filter(({ samples }) => Object.keys(samples).length > 0);
    expect(load(id, { ...document, testcases: withSamples }).problems.map(({ message }) => message)).toEqual(
      [],
    );
    const [first] = withSamples;
    if (first === undefined) {
      // It tells events alone.
      expect(["pull", "webhook"]).toContain(profile.protocol);
      return;
    }
    const [metric = ""] = Object.keys(first.samples);
    const wrong = { ...first, samples: { [metric]: "no such value" } };
    expect(load(id, { ...document, testcases: [wrong] }).problems.map(({ field }) => field)).toEqual([
      "testcases.0",
    ]);
  },
);

test.each([
  [
    "isapi",
    "camera/hikvision-isapi",
    {
      alerts: [
        "<EventNotificationAlert><channelID>1</channelID><eventType>VMD</eventType><eventState>active</eventState></EventNotificationAlert>",
      ],
    },
    { "Motion/Active": true },
  ],
  ["dahua", "camera/dahua", { events: ["Code=VideoMotion;action=Start;index=0"] }, { "Motion/Active": true }],
  [
    "osdp",
    "card-reader/generic-osdp",
    { replies: ["48 01 00"] },
    { "Reader/Tamper": true, "Reader/PowerFault": false },
  ],
  [
    "rtsp",
    "camera/generic-rtsp",
    {
      probes: [
        { packets: "", pictures: [] },
        {
          packets: "#tb 0: 1/90000\n0, 0, 0, 3600, 2500, 0x0\n0, 3600, 3600, 3600, 500, 0x0\n",
          pictures: [90],
        },
        { after: "60s", packets: "0, 0, 0, 1, 2500, 0x0\n0, 1, 1, 1, 500, 0x0\n", pictures: [90, 90] },
      ],
    },
    { "Stream/Alive": true, "Stream/Frozen": true, "Stream/Black": false },
  ],
])("a testcase of %s is played", (protocol, base, frames, samples) => {
  const play = (wanted: object) =>
    load("played", {
      id: OWN_ID(base),
      protocol,
      extends: base,
      testcases: [{ title: "t", ...frames, samples: wanted }],
    }).problems.map(({ message }) => message);
  expect(play(samples)).toEqual([]);
  const [metric = ""] = Object.keys(samples);
  expect(play({ [metric]: 12_345 })).toEqual([expect.stringContaining("expected 12345, found true")]);
});

test("the example of the installer's page is a profile, and its testcase holds", () => {
  const page = readFileSync(new URL("../docs/installer.md", import.meta.url), "utf8");
  const [, example = ""] =
    /```yaml\n(# yaml-language-server: \$schema=docs\/reference\/schemas\/profile-[\s\S]*?)```/.exec(page) ??
    [];
  const { problems, testcases } = load("example", parse(example) as object);
  expect(problems).toEqual([]);
  expect(testcases).toBe(1);
});
