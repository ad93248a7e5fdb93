/** The `rules` section of a hub's configuration file, and the `site` it needs. Other sections belong to others. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { JOURNAL_SCHEMA, type JournalConfiguration } from "@campus-ops/broker/journal/place";
import { decodeDocument } from "@campus-ops/device-profiles/codecs/china-text";
import {
  type AssetPath,
  campusPath,
  SITE_SCHEMA,
  type Site,
  siteOfCampus,
  siteZone,
  type TimeZone,
} from "@campus-ops/device-profiles/vocabulary";
import {
  type DocumentProblem,
  InvalidDocumentError,
  type Locate,
  loadDocument,
  type Overlay,
} from "@campus-ops/service";
import { RELATIONAL_SCHEMA, type RelationalConfiguration } from "@campus-ops/service/relational";
import {
  CALENDAR_SCHEMA,
  type CalendarDocument,
  compileCalendar,
  DEFAULT_CALENDAR,
  DEMONSTRATION_PARAMETERS,
  readCalendar,
} from "./calendar/document.ts";
import { type Calendar, STANDARD_WINDOWS } from "./core/calendar.ts";
import type { Amount } from "./core/pack-document.ts";
import { CLEARANCES, type Clearance } from "./core/replica/upward.ts";
import { parseDuration } from "./core/resolve.ts";
import { type RouteDocument, routeOf } from "./core/route.ts";
import type { Rule } from "./core/rule.ts";
import { looksAtPositions } from "./core/selection.ts";
import { type NotifyConfiguration, type NotifyDocument, readNotify } from "./notify/configuration.ts";
import { NOTIFY_SCHEMA } from "./notify/schema.ts";
import { BUILT_IN_PACKS, loadPacks, type PlaceParameters, packFiles, packsIn } from "./packs/load.ts";
import { PARAMETERS, PLACES_MAX, ROUTE_SCHEMA } from "./packs/schema.ts";
import { RETENTION_SCHEMA, type RetentionSection } from "./retention/retention.ts";
import { readUse, USE_SCHEMA, type UseConfiguration, type UseDocument } from "./use/configuration.ts";

interface RulesSection {
  readonly packs: readonly string[];
  /** A file, or the calendar itself. */
  readonly calendar?: string | CalendarDocument;
  readonly parameters: Readonly<Record<string, Amount>>;
  readonly grace: string;
  readonly retention: RetentionSection;
  readonly expected: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly routes: Readonly<Record<string, RouteDocument>>;
  readonly at: PlaceParameters;
}

export interface RulesConfiguration {
  /**
   * Reads the packs: those the configuration names, and every `*.yaml` in `folder`, one of which may be read as if it
   * were another text, or were not there. Throws {@link InvalidDocumentError} as the whole does.
   */
  readonly loadRules: (
    folder?: string,
    instead?: { readonly file: string; readonly text?: string },
  ) => {
    readonly rules: readonly Rule[];
    readonly files: readonly string[];
  };
  /** Compiles a pack that is not in force. Throws {@link InvalidDocumentError}. */
  readonly compilePack: (text: string, inForce: readonly Rule[]) => readonly Rule[];
  /** Those of the configuration alone, as they were when it was read. */
  readonly rules: readonly Rule[];
  readonly calendar: Calendar;
  readonly campusPath: (campus: string) => AssetPath;
  readonly campuses: readonly string[];
  readonly grace_ms: number;
  readonly retention: RetentionSection;
  readonly journal: JournalConfiguration;
  readonly relational: RelationalConfiguration;
  readonly site: Site;
  readonly notify: NotifyConfiguration;
  readonly use: UseConfiguration;
  /** Text that people typed and that may go to the hub above. */
  readonly clears: ReadonlySet<Clearance>;
}

/** Devices at which one rule expects something, and instances at each. */
export const EXPECTING_DEVICES_MAX = 500;
export const EXPECTED_MAX = 200;
/** Buses with a declared route. */
export const ROUTED_DEVICES_MAX = 200;

export const RULES_SCHEMA = {
  type: "object",
  required: ["site"],
  properties: {
    site: SITE_SCHEMA,
    journal: JOURNAL_SCHEMA,
    relational: RELATIONAL_SCHEMA,
    notify: NOTIFY_SCHEMA,
    use: USE_SCHEMA,
    parent: {
      type: "object",
      default: {},
      properties: {
        clears: {
          type: "array",
          uniqueItems: true,
          items: { enum: [...CLEARANCES] },
          default: [],
          description:
            "text that people typed and that may go to the hub above: titles of devices, comments on alarms; neither unless said",
        },
      },
    },
    rules: {
      type: "object",
      additionalProperties: false,
      default: {},
      properties: {
        packs: {
          type: "array",
          items: { type: "string", minLength: 1 },
          default: [...BUILT_IN_PACKS],
          description: "built-in packs by name, others by file",
        },
        calendar: {
          anyOf: [{ type: "string", minLength: 1 }, CALENDAR_SCHEMA],
          description: "the school calendar, here or in a file of its own",
        },
        parameters: {
          ...PARAMETERS,
          default: {},
          description: "numbers of the packs that this site sets otherwise",
        },
        retention: RETENTION_SCHEMA,
        grace: {
          type: "string",
          pattern: "^\\d+(\\.\\d+)?(ms|s|m|h)$",
          default: "30s",
          description: "after a cause is gone, its symptoms have this long to go too before they ring",
        },
        expected: {
          type: "object",
          default: {},
          description:
            "by rule and device key: what is expected there though it was never heard of, the points of a patrol",
          additionalProperties: {
            type: "object",
            maxProperties: EXPECTING_DEVICES_MAX,
            additionalProperties: {
              type: "array",
              maxItems: EXPECTED_MAX,
              uniqueItems: true,
              items: { type: "string", minLength: 1, maxLength: 64 },
            },
          },
        },
        at: {
          type: "object",
          default: {},
          maxProperties: PLACES_MAX,
          propertyNames: { pattern: "^[a-z0-9-]+(/[a-z0-9-]+){0,5}$" },
          description: "by asset path: parameters of the packs that are otherwise there and below",
          additionalProperties: PARAMETERS,
        },
        routes: {
          type: "object",
          default: {},
          maxProperties: ROUTED_DEVICES_MAX,
          description: "by key of a bus terminal: its school, and the lines it drives",
          additionalProperties: ROUTE_SCHEMA,
        },
      },
    },
  },
} as const;

/** Throws {@link InvalidDocumentError}: a broken configuration, calendar or pack, with file, line and field. */
export function loadConfiguration(file: string, overlays: readonly Overlay[] = []): RulesConfiguration {
  const { value, locate } = loadDocument<{
    site: Site;
    journal: JournalConfiguration;
    relational: RelationalConfiguration;
    rules: RulesSection;
    notify: NotifyDocument;
    use: UseDocument;
    parent: { readonly clears: readonly Clearance[] };
  }>(file, RULES_SCHEMA, overlays);
  const { site, journal, rules: section } = value;
  const beside = dirname(resolve(file));
  const zone = zoneOfSite(site, locate);
  const inline = typeof section.calendar === "string" ? undefined : (section.calendar ?? DEFAULT_CALENDAR);
  const calendar =
    inline === undefined
      ? calendarFile(resolve(beside, String(section.calendar)), zone)
      : compileCalendar(
          inline,
          (field, message, zh) => locate(`rules.calendar.${field}`, message, zh),
          readBeside(file),
          zone,
        );
  // A day of minutes asks for durations that fit it; the configuration may still say otherwise.
  const demonstration = inline?.cycle === undefined ? {} : DEMONSTRATION_PARAMETERS;
  const routes = Object.fromEntries(
    Object.entries(section.routes).map(([key, route]) => [key, routeOf(route)]),
  );
  const declared = (rule: Rule): Rule => {
    const expected = section.expected[rule.id];
    return {
      ...rule,
      ...(expected === undefined ? {} : { expected }),
      ...(looksAtPositions(rule.condition) ? { routes } : {}),
    };
  };
  const loadRules: RulesConfiguration["loadRules"] = (folder, instead) => {
    const named = section.packs.flatMap((name) => packFiles(name, beside));
    const files = folder === undefined || !existsSync(folder) ? named : [...named, ...packsIn(folder)];
    const others = files.filter((file) => file !== instead?.file);
    const text = instead?.text === undefined ? [] : [{ name: instead.file, text: instead.text }];
    const rules = loadPacks(
      [...others, ...text],
      { ...demonstration, ...section.parameters },
      calendar.windows,
      [],
      section.at,
    );
    return { rules: rules.map(declared), files };
  };
  const problems: DocumentProblem[] = [];
  const known = new Set<string>([...STANDARD_WINDOWS, ...calendar.windows]);
  const rules = loadRules().rules;
  for (const id of Object.keys(section.expected)) {
    const instance = rules.find((rule) => rule.id === id)?.instance;
    if (instance !== undefined && instance !== "*") continue;
    const message = "names no rule of these packs whose alarms are told apart by a field of an event";
    const zh = "不是这些规则包里按事件字段区分报警的规则";
    problems.push(locate(`rules.expected.${id}`, message, zh));
  }
  for (const within of Object.keys(section.at))
    if (!rules.some(({ at }) => at?.some((place) => place.within === within)))
      problems.push(
        locate(
          `rules.at.${within}`,
          "changes no rule: check the names of its parameters",
          "没有改变任何规则，请检查参数名",
        ),
      );
  for (const [key, { lines }] of Object.entries(section.routes))
    for (const [index, { during }] of lines.entries())
      for (const window of during.filter((each) => !known.has(each)))
        problems.push(
          locate(
            `rules.routes.${key}.lines.${index}.during`,
            `the calendar has no window ${window}`,
            `日历中没有时段 ${window}`,
          ),
        );
  const notify = readNotify(value.notify, calendar, beside, locate, problems);
  const use = readUse(
    value.use,
    { calendar, campusPath: (campus) => campusPath(site, campus), localDay: zone.dayOf, folder: beside },
    locate,
    problems,
  );
  if (problems.length > 0) throw new InvalidDocumentError(problems);
  return {
    loadRules,
    compilePack: (text, inForce) =>
      loadPacks(
        [{ name: "candidate", text }],
        { ...demonstration, ...section.parameters },
        calendar.windows,
        inForce,
        section.at,
      ).map(declared),
    rules,
    calendar,
    campusPath: (campus) => campusPath(site, campus) ?? campus,
    campuses: site.counties.flatMap(({ campuses }) => campuses.map(({ id }) => id)),
    grace_ms: parseDuration(section.grace) ?? 0,
    retention: section.retention,
    journal,
    relational: value.relational,
    site,
    notify,
    use,
    clears: new Set(value.parent.clears),
  };
}

/** As of a hub that has this campus and no other. */
export function ofCampus(configuration: RulesConfiguration, campus: string): RulesConfiguration {
  const { site, use } = configuration;
  const { [campus]: classes } = use.classes;
  return {
    ...configuration,
    campuses: [campus],
    site: siteOfCampus(site, campus),
    use: {
      ...use,
      classes: classes === undefined ? {} : { [campus]: classes },
      types: use.types.map((type) => ({
        ...type,
        rooms: new Map([...type.rooms].filter(([of]) => of === campus)),
      })),
    },
  };
}

function zoneOfSite(site: Site, locate: Locate): TimeZone {
  try {
    return siteZone(site);
  } catch {
    const message = "is no IANA time zone that this machine knows, such as Asia/Shanghai";
    const zh = "不是本机已知的 IANA 时区，应如 Asia/Shanghai";
    throw new InvalidDocumentError([locate("site.timeZone", message, zh)]);
  }
}

function calendarFile(file: string, zone: TimeZone): Calendar {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const told = { message: `cannot be read (${code})`, zh: `无法读取（${code}）` };
    throw new InvalidDocumentError([{ file, line: 0, field: "", ...told }]);
  }
  return readCalendar(file, text, readBeside(file), zone);
}

/** Files that a calendar names are beside the file that it stands in, in whatever encoding a program here writes them. */
const readBeside =
  (file: string) =>
  (name: string): string =>
    decodeDocument(readFileSync(resolve(dirname(file), name)));
