/**
 * An alarm that another hub raises and tells of. What it is comes from that hub; how it stands follows from the facts of
 * all hubs. Nothing here raises or ends anything: what the child has decided is decided.
 */
import {
  type AssetPath,
  DEVICE_CLASSES,
  type DeviceClass,
  isWithin,
  type LocalText,
  type Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type { AlarmState, Priority, TransitionView } from "../../api.ts";
import { text } from "../explain.ts";
import { alarmId } from "../identity.ts";
import type { EventInput } from "../input.ts";
import type { Rule } from "../rule.ts";
import type { AlarmRecord } from "../view.ts";
import { type AlarmReplica, isReturned, stateOf, withFact } from "./alarm-replica.ts";
import type { StampedFact } from "./difference.ts";
import { readFacts, type TravellingFacts } from "./wire.ts";

/** The event by which a hub tells of an alarm. */
export const ALARM_CHANGED = "HubAlarm/Changed";

/** What the child says of its alarm, facts left out. */
export interface ToldAlarm {
  readonly id: string;
  readonly occurrence: number;
  readonly rule: string;
  readonly priority: Priority;
  readonly title: LocalText;
  readonly device: AlarmRecord["device"];
  readonly instance?: string;
  readonly causeId?: string;
  readonly symptoms: number;
  readonly late?: true;
  readonly drill?: string;
  /** When this hub first heard of this occurrence. */
  readonly receivedAt: Timestamp;
}

export interface Told {
  readonly alarm: ToldAlarm;
  /** The hub that told it has itself lost the one that raises it. */
  readonly lastKnown?: Timestamp;
  readonly facts: TravellingFacts;
}

/** Why what a hub told was not taken. */
export type ToldRefusal = "no-facts" | "no-alarm" | "not-its-campus";

/**
 * Reads the event of a hub's device `group/node/campus`. A hub tells of campuses that are its own: of one that it is named
 * after, or one that lies in the county or city that it is named after.
 */
export function readTold(
  event: Pick<EventInput, "fields">,
  hub: string,
  campusPath: (campus: string) => AssetPath,
  receivedAt: Timestamp,
): Told | ToldRefusal {
  const { fields } = event;
  const words = (name: string): string => (typeof fields[name] === "string" ? fields[name] : "");
  const whole = (name: string): number => (typeof fields[name] === "number" ? fields[name] : 0);
  const facts = readFacts(words("facts"));
  if (facts === undefined) return "no-facts";
  const [id, rule, key, deviceClass] = [words("alarm"), words("rule"), words("asset"), words("class")];
  const instance = words("instance");
  const priority = whole("priority");
  const titled = words("titleZh") !== "" && words("titleEn") !== "";
  if (!isPriority(priority) || !isDeviceClass(deviceClass) || !titled || facts.replica.id !== id)
    return "no-alarm";
  // An instance that stays on the campus cannot be checked.
  if (instance !== "" && alarmId(rule, key, instance) !== id) return "no-alarm";
  const [group = "", , campus = ""] = hub.split("/");
  const place = campusPath(campus);
  if (key.split("/")[0] !== campus || !(group === campus || place.split("/").includes(group)))
    return "not-its-campus";
  const path = words("path");
  return {
    facts,
    ...(typeof fields.lastKnown === "number" ? { lastKnown: fields.lastKnown } : {}),
    alarm: {
      id,
      occurrence: whole("occurrence"),
      rule,
      priority,
      title: text(words("titleZh"), words("titleEn")),
      device: {
        key,
        title: text(words("deviceZh"), words("deviceEn")),
        class: deviceClass,
        path: isWithin(path, place) ? path : place,
        campus,
      },
      ...(instance === "" ? {} : { instance }),
      ...(words("causeId") === "" ? {} : { causeId: words("causeId") }),
      symptoms: whole("symptoms"),
      ...(fields.late === true ? { late: true } : {}),
      ...(fields.drill === true ? { drill: `@${group}` } : {}),
      receivedAt,
    },
  };
}

const isPriority = (priority: number): priority is Priority => [1, 2, 3, 4].includes(priority);
const isDeviceClass = (name: string): name is DeviceClass => Object.hasOwn(DEVICE_CLASSES, name);

/** The alarm as people see it: told, and standing as the facts have it. */
export function toldRecord(
  told: ToldAlarm,
  replica: AlarmReplica,
  hub: string,
  rule: Rule | undefined,
  updatedAt: Timestamp,
  lastKnown: Timestamp | undefined,
): AlarmRecord {
  const { causeId, drill, instance, late, ...rest } = told;
  const newest = replica.raisings.findLast(({ raised }) => raised !== undefined);
  const state = stateOf(replica);
  const until = state === "shelved" ? replica.shelved?.value : undefined;
  const answered = newest?.acknowledged;
  const assigned = newest?.assigned;
  const isAnswered = answered !== undefined && state !== "unacknowledged";
  return {
    ...rest,
    ...(instance === undefined ? {} : { instance }),
    state,
    raisedAt: newest?.raisedAt ?? told.receivedAt,
    ...(newest?.returned !== undefined && isReturned(newest) ? { returnedAt: newest.returned.at } : {}),
    ...(isAnswered ? { acknowledged: withoutStamp(answered) } : {}),
    ...(assigned === undefined || assigned.value === null
      ? {}
      : { assigned: { to: assigned.value, by: assigned.by, at: assigned.stamp.wall } }),
    ...(causeId === undefined ? {} : { causeId }),
    ...(typeof until === "number" ? { shelvedUntil: until } : {}),
    ...(late === undefined ? {} : { late }),
    ...(drill === undefined ? {} : { drill }),
    updatedAt,
    hub,
    ...(lastKnown === undefined ? {} : { lastKnown }),
    ruleVersion: rule?.version ?? 0,
    explanation: text(
      "由下级平台判定并上报；读数、图片等依据留在该平台",
      "decided and told by the hub below; its readings and pictures stay there",
    ),
    card: rule?.card ?? CARD,
    respondWithin_ms: rule?.respondWithin_ms ?? RESPOND_MS[told.priority],
    evidence: [],
  };
}

const withoutStamp = ({ at, by, comment }: { by: string; at: Timestamp; comment?: string }) => ({
  by,
  at,
  ...(comment === undefined ? {} : { comment }),
});

/** For rules that only the child has. */
const CARD: AlarmRecord["card"] = {
  cause: text("见下级平台的报警说明。", "See the alarm at the hub below."),
  consequence: text("见下级平台的报警说明。", "See the alarm at the hub below."),
  action: text("与该校值班室联系。", "Call the school’s duty room."),
};
const RESPOND_MS: Readonly<Record<Priority, number>> = {
  1: 120_000,
  2: 600_000,
  3: 3_600_000,
  4: 28_800_000,
};

export interface Step {
  readonly transition: TransitionView;
  /** As it is after it. */
  readonly replica: AlarmReplica;
}

/** The alarm's history as the facts make it, one transition each; those that people need not see are left out. */
export function stepsOf(
  before: AlarmReplica,
  facts: readonly StampedFact[],
  occurrence: number,
): readonly Step[] {
  let replica = before;
  return facts.flatMap(({ by, fact, stamp }) => {
    const from = stateOf(replica);
    replica = withFact(replica, fact, by, stamp);
    const to = stateOf(replica);
    const event = eventOf(fact.kind, from, to, replica.latching, "value" in fact && fact.value);
    if (event === undefined || isOfEarlier(replica, fact)) return [];
    const comment = fact.kind === "comment" ? fact.text : "comment" in fact ? fact.comment : undefined;
    const at = "at" in fact ? fact.at : stamp.wall;
    const said = {
      ...(comment === undefined ? {} : { comment }),
      ...(fact.kind === "assigned" ? { assignee: fact.to } : {}),
    };
    return [{ transition: { at, from, to, event, occurrence, by, ...said }, replica }];
  });
}

/** Whose an earlier raising was is no news of this one. */
function isOfEarlier({ raisings }: AlarmReplica, fact: StampedFact["fact"]): boolean {
  return (
    fact.kind === "assigned" &&
    fact.raisedAt !== raisings.findLast(({ raised }) => raised !== undefined)?.raisedAt
  );
}

function eventOf(
  kind: StampedFact["fact"]["kind"],
  from: AlarmState,
  to: AlarmState,
  latching: boolean,
  value: boolean,
): string | undefined {
  const way = to === "normal" ? "clear" : "active";
  switch (kind) {
    case "comment":
      return "comment";
    case "assigned":
      return "assign";
    case "raised":
      return from === to ? undefined : "raise";
    case "returned":
      return latching ? "latch" : "return";
    case "acknowledged":
      return "acknowledge";
    case "reset":
      return "reset";
    case "again":
      return from === to ? undefined : "release";
    case "suppressed":
      if (from === to) return undefined;
      return value ? "suppress" : "release";
    case "shelved":
      if (to === "shelved") return "shelve";
      return from === "shelved" ? `unshelve-${way}` : undefined;
    case "out-of-service":
      if (from === to) return undefined;
      return value ? "remove-from-service" : `return-to-service-${way}`;
  }
}
