/** The `use` section of a hub's configuration: which rooms count as what, how many classes there are, and the timetable. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { decodeDocument } from "@campus-ops/device-profiles/codecs/china-text";
import {
  type AssetPath,
  ancestorAt,
  type LocalText,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { DocumentProblem, Locate } from "@campus-ops/service";
import type { Calendar } from "../core/calendar.ts";
import { parseDuration } from "../core/resolve.ts";
import { OFF_MS } from "../core/use/sessions.ts";
import { Timetable } from "../core/use/timetable.ts";
import { readTimetable } from "../core/use/timetable-csv.ts";

const text = { type: "string", minLength: 1, maxLength: 200 } as const;

export const USE_SCHEMA = {
  type: "object",
  additionalProperties: false,
  default: {},
  description: "use of special rooms: class-hours, utilisation, and the records behind them",
  properties: {
    timetable: {
      ...text,
      description: "CSV file: campus, room, weekday, period, classes, subject, from, to",
    },
    closesAfter: {
      type: "string",
      pattern: "^\\d+(\\.\\d+)?(ms|s|m|h)$",
      default: "10m",
      description: "a session ends when its equipment has been off for this long",
    },
    classes: {
      type: "object",
      required: [],
      default: {},
      additionalProperties: { type: "integer", minimum: 0, maximum: 1_000 },
      description: "number of classes by campus",
    },
    rooms: {
      type: "object",
      required: [],
      default: {},
      description: "kinds of special rooms",
      additionalProperties: {
        type: "object",
        additionalProperties: false,
        required: ["title", "threshold", "places"],
        properties: {
          title: {
            type: "object",
            additionalProperties: false,
            required: ["zh", "en"],
            properties: { zh: text, en: text },
          },
          threshold: {
            type: "number",
            minimum: 0,
            maximum: 1,
            description: "utilisation the bureau asks for",
          },
          teachingHours: {
            type: "number",
            minimum: 0,
            description: "class-hours of one class in the range asked for; those of the calendar unless said",
          },
          places: { type: "array", items: text, description: "campus/building/floor/space" },
        },
      },
    },
  },
} as const;

export interface UseDocument {
  readonly timetable?: string;
  readonly closesAfter: string;
  readonly classes: Readonly<Record<string, number>>;
  readonly rooms: Readonly<
    Record<
      string,
      {
        readonly title: LocalText;
        readonly threshold: number;
        readonly teachingHours?: number;
        readonly places: readonly string[];
      }
    >
  >;
}

export interface RoomType {
  readonly id: string;
  readonly title: LocalText;
  readonly threshold: number;
  readonly teachingHours?: number;
  /** Rooms by campus, as whole asset paths. */
  readonly rooms: ReadonlyMap<string, readonly AssetPath[]>;
}

export interface UseConfiguration {
  readonly types: readonly RoomType[];
  readonly classes: Readonly<Record<string, number>>;
  readonly timetable: Timetable;
  readonly closesAfter_ms: number;
  readonly calendar: Calendar;
}

export interface UseSurroundings {
  readonly calendar: Calendar;
  /** Undefined for a campus that the site does not know. */
  readonly campusPath: (campus: string) => AssetPath | undefined;
  readonly localDay: (at: Timestamp) => number;
  readonly folder: string;
}

/** Adds what is wrong to `problems`; the answer is of use only when there are none. */
export function readUse(
  document: UseDocument,
  { calendar, campusPath, localDay, folder }: UseSurroundings,
  locate: Locate,
  problems: DocumentProblem[],
): UseConfiguration {
  const wrong = (field: string, message: string, zh: string): void => {
    problems.push(locate(`use.${field}`, message, zh));
  };
  const whole = (place: string): { campus: string; path: AssetPath } | undefined => {
    const [campus = "", ...below] = place.split("/");
    const path = campusPath(campus);
    return path === undefined ? undefined : { campus, path: [path, ...below].join("/") };
  };
  const types = Object.entries(document.rooms).map(
    ([id, { title, threshold, teachingHours, places }]): RoomType => {
      const rooms = new Map<string, AssetPath[]>();
      places.forEach((place, index) => {
        const known = whole(place);
        if (known === undefined || ancestorAt(known.path, "building") === undefined)
          wrong(
            `rooms.${id}.places.${index}`,
            `${place} must name a room of a campus of this site: campus/building/…`,
            `${place} 须为本站点某校区的教室：校区/楼栋/…`,
          );
        else rooms.set(known.campus, [...(rooms.get(known.campus) ?? []), known.path]);
      });
      return { id, title, threshold, rooms, ...(teachingHours === undefined ? {} : { teachingHours }) };
    },
  );
  for (const campus of Object.keys(document.classes))
    if (campusPath(campus) === undefined)
      wrong(`classes.${campus}`, "is no campus of this site", "不是本站点的校区");
  return {
    types,
    classes: document.classes,
    timetable: new Timetable(timetableEntries(), localDay),
    closesAfter_ms: parseDuration(document.closesAfter) ?? OFF_MS,
    calendar,
  };

  function timetableEntries(): ConstructorParameters<typeof Timetable>[0] {
    if (document.timetable === undefined) return [];
    const file = resolve(folder, document.timetable);
    let csv: string;
    try {
      csv = decodeDocument(readFileSync(file));
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      wrong("timetable", `${file} cannot be read (${code})`, `${file} 无法读取（${code}）`);
      return [];
    }
    const { entries, problems: found } = readTimetable(csv);
    for (const problem of found) problems.push({ file, field: "", ...problem });
    return entries.flatMap(({ campus, line, room, ...entry }) => {
      const known = whole(`${campus}/${room}`);
      if (known === undefined) {
        const message = `${campus} is no campus of this site`;
        problems.push({ file, line, field: "", message, zh: `${campus} 不是本站点的校区` });
        return [];
      }
      return [{ ...entry, room: known.path }];
    });
  }
}
