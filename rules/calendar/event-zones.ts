/**
 * The time zones that an iCalendar file's times are in: those that it describes itself (VTIMEZONE), and by their names those
 * that it only names, as calendar programs in the cloud do.
 */
import { type TimeZone, timeZone } from "@campus-ops/device-profiles/vocabulary";
import ICAL from "ical.js";
import { CalendarFileError, type CalendarFileProblem } from "./content-lines.ts";

const DAY_MS = 86_400_000;

/** Names that Windows gives, and Outlook writes (Unicode CLDR, windowsZones). */
const WINDOWS_ZONES: Readonly<Record<string, string>> = {
  "China Standard Time": "Asia/Shanghai",
  "Taipei Standard Time": "Asia/Taipei",
  "Tokyo Standard Time": "Asia/Tokyo",
  "Korea Standard Time": "Asia/Seoul",
  "Singapore Standard Time": "Asia/Singapore",
  "GMT Standard Time": "Europe/London",
  "W. Europe Standard Time": "Europe/Berlin",
  "Eastern Standard Time": "America/New_York",
  "Pacific Standard Time": "America/Los_Angeles",
};

/** A zone that the machine knows, as ical.js asks for one. */
class NamedZone extends ICAL.Timezone {
  readonly #zone: TimeZone;

  constructor(tzid: string, zone: TimeZone) {
    super({ tzid });
    this.#zone = zone;
  }

  /** Seconds ahead of UTC when the clock there shows this. */
  override utcOffset({ year, month, day, hour, minute, second }: ICAL.Time): number {
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    const at = this.#zone.moment(Math.floor(local / DAY_MS), local - Math.floor(local / DAY_MS) * DAY_MS);
    return (local - at) / 1_000;
  }
}

/**
 * What `read` answers, while ical.js knows the zones of this file and of no other. Throws {@link CalendarFileError} for a zone
 * that nobody knows: its times would else be taken for the school's own.
 */
export function withZones<T>(
  calendars: readonly ICAL.Component[],
  named: ReadonlyMap<string, number>,
  read: () => T,
): T {
  const service = ICAL.TimezoneService;
  service.reset();
  try {
    for (const calendar of calendars)
      for (const zone of calendar.getAllSubcomponents("vtimezone"))
        if (zone.hasProperty("tzid")) service.register(new ICAL.Timezone(zone));
    const problems: CalendarFileProblem[] = [];
    for (const [tzid, line] of named) {
      if (service.has(tzid)) continue;
      const zone = zoneCalled(WINDOWS_ZONES[tzid] ?? tzid);
      if (zone !== undefined) service.register(new NamedZone(tzid, zone));
      else
        problems.push({
          line,
          message: `“${tzid}” is no time zone that is known here; write its IANA name, such as Asia/Shanghai`,
          zh: `“${tzid}” 不是已知的时区，请写 IANA 名称，如 Asia/Shanghai`,
        });
    }
    if (problems.length > 0) throw new CalendarFileError(problems);
    return read();
  } finally {
    service.reset();
  }
}

function zoneCalled(name: string): TimeZone | undefined {
  try {
    // Some programs write /freeassociation.sourceforge.net/Asia/Shanghai, RFC 5545, 3.2.19.
    return timeZone(name.startsWith("/") ? name.split("/").slice(-2).join("/") : name);
  } catch {
    return undefined;
  }
}
