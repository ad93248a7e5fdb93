/** From what a box told of its search to one view of it; and what a device that it found is called. */
import type { EventView } from "@campus-ops/ingest/api";
import type { FindingView, ProfileMatchView, SearchView } from "../api.ts";

const STATES = ["running", "done", "cancelled", "failed"] as const;
/** Where the protocols listen; a device elsewhere has its port in its id. */
const USUAL_PORTS: Readonly<Record<string, string>> = {
  onvif: "80",
  snmp: "161",
  modbus: "502",
  pjlink: "4352",
};

/**
 * Of the newest search that `node` (`campus/node`) told of; undefined where it never searched. `isThere` says which keys
 * the hub knows a device by.
 */
export function lastSearch(
  node: string,
  progress: readonly EventView[],
  found: readonly EventView[],
  isThere: (key: string) => boolean,
): SearchView | undefined {
  const told = progress.filter(({ asset }) => asset === node);
  const newest = told.toSorted(later)[0];
  if (newest === undefined) return undefined;
  const id = String(newest.fields.search);
  const own = told.filter(({ fields }) => fields.search === id);
  const seen = new Set<string>();
  const findings = found
    .filter(({ asset, fields }) => asset === node && fields.search === id)
    .toSorted((a, b) => a.eventTime - b.eventTime)
    .flatMap((event): FindingView[] => {
      const finding = findingOf(node, event, isThere);
      if (seen.has(finding.url)) return [];
      seen.add(finding.url);
      return [finding];
    });
  return {
    id,
    state: STATES.find((each) => each === newest.fields.state) ?? "failed",
    startedAt: Math.min(...own.map(({ eventTime }) => eventTime)),
    asked: Number(newest.fields.asked),
    of: Number(newest.fields.of),
    detail: String(newest.fields.detail ?? ""),
    findings,
  };
}

/** Of two in the same millisecond, the one that has asked more, or has ended. */
function later(a: EventView, b: EventView): number {
  const ended = ({ fields }: EventView): number => (fields.state === "running" ? 0 : 1);
  return b.eventTime - a.eventTime || ended(b) - ended(a) || Number(b.fields.asked) - Number(a.fields.asked);
}

function findingOf(node: string, { fields }: EventView, isThere: (key: string) => boolean): FindingView {
  const url = String(fields.url);
  const named = `${node}/${fields.device}`;
  const usual = `${node}/${deviceIdOf(url)}`;
  const device = fields.device !== "" && isThere(named) ? named : isThere(usual) ? usual : undefined;
  const facts = parsed(fields.facts);
  const matches = parsed(fields.matches);
  return {
    protocol: String(fields.protocol),
    address: String(fields.address),
    url,
    facts: isRecord(facts)
      ? (Object.fromEntries(
          Object.entries(facts).filter(([, fact]) => typeof fact === "string" || typeof fact === "number"),
        ) as FindingView["facts"])
      : {},
    matches: Array.isArray(matches) ? matches.filter(isMatch) : [],
    ...(device === undefined ? {} : { device }),
  };
}

/** A name for a device that nobody gave one: protocol and address, with unit and port where they are not the usual ones. */
export function deviceIdOf(url: string): string {
  if (!URL.canParse(url)) return "";
  const { hostname, port, protocol, searchParams } = new URL(url);
  const scheme = protocol === "http:" || protocol === "https:" ? "onvif" : protocol.slice(0, -1);
  const unit = searchParams.get("unit") ?? "1";
  return [
    scheme,
    hostname.replaceAll(/[^A-Za-z0-9]/g, "-"),
    ...(port === "" || port === USUAL_PORTS[scheme] ? [] : [port]),
    ...(unit === "1" ? [] : [`u${unit}`]),
  ].join("-");
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isMatch(value: unknown): value is ProfileMatchView {
  if (!isRecord(value) || !isRecord(value.why)) return false;
  const { confidence, profile, why } = value;
  return (
    typeof profile === "string" &&
    typeof confidence === "number" &&
    typeof why.zh === "string" &&
    typeof why.en === "string"
  );
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
