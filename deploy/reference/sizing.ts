/**
 * `docs/sizing.md`: what a school, a county and a city need, worked out from what was measured (`docs/benchmarks.json`)
 * and from assumptions that are said beside the result. A figure that was never measured is said to be missing.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ROLLUP_COUNT_NAMES } from "@campus-ops/device-profiles/vocabulary";
import type { Kept } from "../bench/page.ts";
import { table } from "./markdown.ts";

const KEPT = resolve(import.meta.dirname, "../../docs/benchmarks.json");

const DAY_S = 86_400;
const YEAR_DAYS = 365;
const ROLLUP_S = 300;
const DEVICES_PER_BOX = 500;

/** One school, and what is kept of it for how long: the defaults of `hub.yaml`. */
const ASSUMED = {
  devices: { value: 400, of: "devices of a school" },
  secondsPerSample: { value: 10, of: "seconds from one sample of a device to its next, all told" },
  samplesPerRecord: { value: 10, of: "samples that travel in one message" },
  messageOverheadBytes: { value: 150, of: "bytes of TCP/IP, TLS, MQTT and topic a message" },
  alarmsPerDay: { value: 50, of: "alarms a day with pictures" },
  pictureBytes: { value: 250_000, of: "bytes of a picture, three an alarm" },
  rawDays: { value: 30, of: "days of journal, raw points and pictures" },
  offlineDays: { value: 90, of: "days that a box keeps what it cannot hand over" },
  headroom: { value: 3, of: "times the processor that the average needs, for peaks and returns" },
} as const;

const PICTURES_PER_ALARM = 3;
const rollupSamplesPerS = ROLLUP_COUNT_NAMES.length / ROLLUP_S;
const schoolSamplesPerS = ASSUMED.devices.value / ASSUMED.secondsPerSample.value;

interface Place {
  readonly title: string;
  /** Campuses whose devices' samples come here, and campuses that only their roll-ups come from. */
  readonly raw: number;
  readonly rolledUp: number;
}

const PLACES: readonly Place[] = [
  { title: "a school with a hub of its own", raw: 1, rolledUp: 0 },
  { title: "a county of 55 schools that have boxes alone", raw: 55, rolledUp: 0 },
  { title: "a county of 55 schools with hubs of their own", raw: 0, rolledUp: 55 },
  { title: "a city of 1,200 schools below county hubs", raw: 0, rolledUp: 1_200 },
  { title: "a city of 1,200 schools that have boxes alone", raw: 1_200, rolledUp: 0 },
];

/** From so many on, what a hub holds of them is measured by itself. */
const CITY_SCHOOLS = 1_200;

/** Several of a kind, so that one takes over from another; three machines, so that JetStream has a majority when one is away. */
const SCALED = { workersMin: 2, machinesMin: 3, coresOfMachine: 4 } as const;

export function sizingPage(kept: Kept = JSON.parse(readFileSync(KEPT, "utf8"))): string {
  const measured = measurements(kept);
  return [
    "# What it takes",
    "Worked out from the figures of [benchmarks.md](benchmarks.md) by the formulas below; the machine they were measured on is named there. They are for choosing machines, not for promising anything: a site's own rate is on `/metrics` after a day.",
    "## The result",
    table(
      ["", "samples/s", "cores", "disk for 30 days", "of it journal", "points", "pictures", "into the hub"],
      PLACES.map((place) => row(place, measured)),
    ),
    "The same in boxes, memory and years:",
    table(
      [
        "",
        "boxes at schools",
        "memory of the hub",
        "counts of a year",
        "disk when points stay a year",
        "into the hub in a year",
      ],
      PLACES.map((place) => inAYear(place, measured)),
    ),
    `A school's box: one for ${DEVICES_PER_BOX} devices, ${bytes(measured.boxRss)} of memory and ${cores(measured.boxCore)} of a core when every device is polled each second; ${bytes(
      (schoolSamplesPerS / ASSUMED.samplesPerRecord.value) *
        DAY_S *
        ASSUMED.offlineDays.value *
        outboxRecordBytes(measured),
    )} of disk for ${ASSUMED.offlineDays.value} days without a hub.`,
    `Memory of a hub: ${bytes(measured.hubRss)} with the demonstration's sixty devices, all processes together; broker and ingest alone take ${bytes(measured.loadedRss)} when one core of them is full. The city's hub with 1,200 campuses: ${bytes(measured.cityRss)}, ${cores(measured.cityCore)} of a core.`,
    "## On how many machines",
    `One machine runs all of a hub while neither ingest nor rules needs more than a core; [several](scale-out.md) are for a hub that does, or that must go on when a machine dies. A worker fills a core, and there are ${SCALED.workersMin} of a kind at least; a machine has ${SCALED.coresOfMachine} cores, and there are ${SCALED.machinesMin} at least, because JetStream and its disks want a majority. Beside the workers run one console, two brokers, three NATS servers, two of each part of VictoriaMetrics, and PostgreSQL ([manifests](../deploy/kubernetes/README.md)). Cores are those that the embedded journal and store were measured with: what workers spend on JetStream and PostgreSQL, and those servers themselves, is not measured yet.`,
    table(
      [
        "",
        "cores of ingest",
        "cores of rules",
        "on one machine",
        "ingest workers",
        "rules workers",
        "machines",
      ],
      PLACES.map((place) => machines(place, measured)),
    ),
    "## Measured",
    table(
      ["what", "figure", "`npm run bench --`"],
      MEASURES.map(({ what, unit, bench, key }) => [what, said(measured[key], unit), `\`${bench}\``]),
    ),
    "## Assumed",
    table(
      ["what", "figure"],
      Object.values(ASSUMED).map(({ of, value }) => [of, value.toLocaleString("en-US")]),
    ),
    "## Formulas",
    [
      `- samples/s = schools with boxes × devices ÷ seconds a sample + schools with hubs × ${ROLLUP_COUNT_NAMES.length} counts ÷ ${ROLLUP_S} s`,
      "- cores = samples/s ÷ samples of a core-second × headroom; rules, dashboards and the rest of a hub add what `footprint` says",
      "- workers = the greater of two and samples/s ÷ samples of a core-second × headroom, rounded up; machines = the greater of three and both kinds of workers ÷ cores of a machine, rounded up",
      "- journal = samples a day × days × bytes a sample of the journal; points = the same × bytes a point of the store; the journal is cut at `ingest.retention.journalBytes`, 21 GB unless said",
      "- pictures = alarms a day × 3 × bytes × days, where the cameras are",
      `- boxes = schools × devices ÷ ${DEVICES_PER_BOX}, rounded up; a hub of a school's own runs on its box`,
      "- memory = memory of a whole hub + memory of broker and ingest at full load × cores; of a city's hub with campuses below, what `city` says",
      `- counts of a year = schools × ${ROLLUP_COUNT_NAMES.length} counts × a year ÷ ${ROLLUP_S} s × bytes a point; disk when points stay a year (\`ingest.retention.pointDays: 365\`) = journal and pictures of ${ASSUMED.rawDays.value} days + points and counts of a year`,
      "- into the hub = samples/s × (payload bytes + message overhead ÷ samples a message)",
      "- a box's disk = samples a day × days without a hub × bytes of its outbox a sample",
    ].join("\n"),
    "Alarms, work orders, use and health of devices are rows of databases and small beside it; a year of them is not measured.",
  ].join("\n\n");
}

const MEASURES = [
  {
    key: "samplesPerCoreSecond",
    bench: "ingest",
    case: "… a core-second of broker and ingest",
    what: "samples that a core-second of broker and ingest takes in, to the store",
    unit: "samples",
  },
  {
    key: "rulesPerCoreSecond",
    bench: "rules",
    case: "300 rules over 20,000 series, three to a series",
    what: "samples that a core-second of rules judges, by 300 rules",
    unit: "samples",
  },
  {
    key: "wireBytes",
    bench: "ingest",
    case: "payload on the wire, 50 samples a record",
    what: "payload of a sample",
    unit: "B",
  },
  {
    key: "journalBytes",
    bench: "ingest",
    case: "journal on the disk",
    what: "a sample in the journal",
    unit: "B",
  },
  {
    key: "loadedRss",
    bench: "ingest",
    case: "memory of broker and ingest together",
    what: "memory of broker and ingest at full load",
    unit: "B",
  },
  {
    key: "pointBytes",
    bench: "store",
    case: "bytes a point, at rest",
    what: "a point at rest in the embedded store",
    unit: "B",
  },
  {
    key: "outboxBytes",
    bench: "outbox",
    case: "a telemetry record in the file",
    what: "a record of one sample in a box's outbox",
    unit: "B",
  },
  { key: "boxRss", bench: "agent", case: "resident memory", what: "memory of a box's agent", unit: "B" },
  {
    key: "boxCore",
    bench: "agent",
    case: "processor, all devices polled each second",
    what: "processor of a box's agent",
    unit: "core",
  },
  { key: "hubRss", bench: "footprint", case: "idle", what: "memory of a whole hub", unit: "B" },
  { key: "cityRss", bench: "city", case: "… resident memory", what: "memory of a city's hub", unit: "B" },
  {
    key: "cityCore",
    bench: "city",
    case: "… in the morning, something on every campus at every look",
    what: "processor of a city's hub, in the morning",
    unit: "core",
  },
] as const;

type Measured = Readonly<Record<(typeof MEASURES)[number]["key"], number | undefined>>;

function measurements(kept: Kept): Measured {
  const found = MEASURES.map(({ bench, case: title, key }) => {
    const results = kept[bench]?.results ?? [];
    const result =
      key === "hubRss"
        ? results.find((each) => each.case === title && each.process === "hub alone")
        : results.find((each) => each.case === title);
    const value = result?.median ?? result?.rss_bytes;
    return [key, typeof value === "number" ? value : undefined];
  });
  return Object.fromEntries(found) as Measured;
}

const samplesPerSOf = ({ raw, rolledUp }: Place): number =>
  raw * schoolSamplesPerS + rolledUp * rollupSamplesPerS;

function machines(place: Place, measured: Measured): string[] {
  const needs = (perCoreSecond: number | undefined): number | undefined =>
    perCoreSecond === undefined ? undefined : (samplesPerSOf(place) / perCoreSecond) * ASSUMED.headroom.value;
  const ingest = needs(measured.samplesPerCoreSecond);
  const rules = needs(measured.rulesPerCoreSecond);
  if (ingest === undefined || rules === undefined) return [place.title, ...Array(6).fill(MISSING)];
  const [ingestWorkers, rulesWorkers] = [ingest, rules].map((each) =>
    Math.max(SCALED.workersMin, Math.ceil(each)),
  ) as [number, number];
  const count = Math.ceil((ingestWorkers + rulesWorkers) / SCALED.coresOfMachine);
  return [
    place.title,
    cores(ingest),
    cores(rules),
    ingest <= 1 && rules <= 1 ? "yes" : "no",
    String(ingestWorkers),
    String(rulesWorkers),
    String(Math.max(SCALED.machinesMin, count)),
  ];
}

function row(place: Place, measured: Measured): string[] {
  const { title } = place;
  const samplesPerS = samplesPerSOf(place);
  const kept = samplesPerS * DAY_S * ASSUMED.rawDays.value;
  const journal = times(kept, measured.journalBytes);
  const points = times(kept, measured.pointBytes);
  const pictures = picturesOf(place);
  const whole = sum(journal, points, pictures);
  const share =
    measured.samplesPerCoreSecond === undefined
      ? undefined
      : (samplesPerS / measured.samplesPerCoreSecond) * ASSUMED.headroom.value;
  return [
    title,
    significant(samplesPerS),
    cores(share),
    bytes(whole),
    bytes(journal),
    bytes(points),
    bytes(pictures),
    bits(times(samplesPerS, wireBytesOf(measured))),
  ];
}

function inAYear(place: Place, measured: Measured): string[] {
  const schools = place.raw + place.rolledUp;
  const samplesPerS = samplesPerSOf(place);
  const yearly = schools * rollupSamplesPerS * DAY_S * YEAR_DAYS;
  const counts = times(yearly, measured.pointBytes);
  const points = times(place.raw * schoolSamplesPerS * DAY_S * YEAR_DAYS, measured.pointBytes);
  const journal = times(samplesPerS * DAY_S * ASSUMED.rawDays.value, measured.journalBytes);
  return [
    place.title,
    (schools * Math.ceil(ASSUMED.devices.value / DEVICES_PER_BOX)).toLocaleString("en-US"),
    bytes(memoryOf(place, measured)),
    bytes(counts),
    bytes(sum(counts, points, journal, picturesOf(place))),
    bytes(times(samplesPerS * DAY_S * YEAR_DAYS, wireBytesOf(measured))),
  ];
}

function memoryOf(place: Place, { cityRss, hubRss, loadedRss, samplesPerCoreSecond }: Measured) {
  if (place.raw === 0 && place.rolledUp >= CITY_SCHOOLS) return cityRss;
  if (samplesPerCoreSecond === undefined) return undefined;
  const load = (samplesPerSOf(place) / samplesPerCoreSecond) * ASSUMED.headroom.value;
  return sum(hubRss, times(load, loadedRss));
}

const picturesOf = ({ raw }: Place): number =>
  raw * ASSUMED.alarmsPerDay.value * PICTURES_PER_ALARM * ASSUMED.pictureBytes.value * ASSUMED.rawDays.value;

const wireBytesOf = ({ wireBytes }: Measured): number | undefined =>
  wireBytes === undefined
    ? undefined
    : wireBytes + ASSUMED.messageOverheadBytes.value / ASSUMED.samplesPerRecord.value;

/** Missing as soon as one of them is. */
function sum(...all: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const each of all) {
    if (each === undefined) return undefined;
    total += each;
  }
  return total;
}

/** A record of one sample is the worst case; of several, the samples beyond the first weigh what they weigh on the wire. */
function outboxRecordBytes({ outboxBytes, wireBytes }: Measured): number {
  if (outboxBytes === undefined || wireBytes === undefined) return Number.NaN;
  return outboxBytes + (ASSUMED.samplesPerRecord.value - 1) * wireBytes;
}

const times = (count: number, each: number | undefined): number | undefined =>
  each === undefined ? undefined : count * each;

const significant = (value: number): string => Number(value.toPrecision(2)).toLocaleString("en-US");

const MISSING = "not measured yet";

function scaled(value: number | undefined, units: readonly string[]): string {
  if (value === undefined || Number.isNaN(value)) return MISSING;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(value, 1)) / 3)));
  return `${significant(value / 1_000 ** step)} ${units[step]}`;
}

const bytes = (value: number | undefined): string => scaled(value, ["B", "kB", "MB", "GB", "TB"]);
const bits = (value: number | undefined): string =>
  scaled(times(8, value), ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]);
const cores = (value: number | undefined): string => {
  if (value === undefined) return MISSING;
  return value < 0.01 ? "less than 0.01" : significant(value);
};

function said(value: number | undefined, unit: string): string {
  if (value === undefined) return MISSING;
  return unit === "B" ? bytes(value) : `${significant(value)} ${unit}`;
}
