/**
 * The life of an alarm as a table (IEC 62682 clause 5, ISA-18.2 clause 5.2). What is not in the table does not happen:
 * a person who asks for it is told so, and the rules cannot do it by accident.
 */
import type { AlarmState } from "../api.ts";

export const ALARM_STATES = [
  "normal",
  "unacknowledged",
  "acknowledged",
  "returned-unacknowledged",
  "latched",
  "shelved",
  "suppressed-by-design",
  "out-of-service",
] as const satisfies readonly AlarmState[];

/**
 * raise: the condition became true · return: it ended · latch: it ended, and the rule latches (panic, fire) ·
 * suppress: it is, or turned out to be, a symptom of another alarm · release: the cause is gone and it still fails ·
 * confirm, refute: a person has measured; what is refuted is over · …-active and …-clear: the way back from where people had put it, by whether the condition is true then ·
 * comment, assign: something is said of it, or it is given to a person; its state stays.
 */
export const ALARM_EVENTS = [
  "raise",
  "return",
  "latch",
  "acknowledge",
  "confirm",
  "refute",
  "reset",
  "shelve",
  "unshelve-active",
  "unshelve-clear",
  "suppress",
  "release",
  "remove-from-service",
  "return-to-service-active",
  "return-to-service-clear",
  "comment",
  "assign",
] as const;
export type AlarmEvent = (typeof ALARM_EVENTS)[number];

type Row = Readonly<Partial<Record<AlarmEvent, AlarmState>>>;

export const LIFE_CYCLE: Readonly<Record<AlarmState, Row>> = {
  normal: {
    raise: "unacknowledged",
    suppress: "suppressed-by-design",
    confirm: "normal",
    refute: "normal",
    "remove-from-service": "out-of-service",
    comment: "normal",
    assign: "normal",
  },
  unacknowledged: {
    return: "returned-unacknowledged",
    latch: "latched",
    acknowledge: "acknowledged",
    confirm: "acknowledged",
    refute: "normal",
    shelve: "shelved",
    suppress: "suppressed-by-design",
    "remove-from-service": "out-of-service",
    comment: "unacknowledged",
    assign: "unacknowledged",
  },
  acknowledged: {
    return: "normal",
    latch: "latched",
    confirm: "acknowledged",
    refute: "normal",
    shelve: "shelved",
    suppress: "suppressed-by-design",
    "remove-from-service": "out-of-service",
    comment: "acknowledged",
    assign: "acknowledged",
  },
  "returned-unacknowledged": {
    raise: "unacknowledged",
    acknowledge: "normal",
    confirm: "normal",
    refute: "normal",
    suppress: "suppressed-by-design",
    "remove-from-service": "out-of-service",
    comment: "returned-unacknowledged",
    assign: "returned-unacknowledged",
  },
  latched: {
    raise: "unacknowledged",
    acknowledge: "latched",
    reset: "normal",
    comment: "latched",
    assign: "latched",
  },
  shelved: {
    "unshelve-active": "unacknowledged",
    "unshelve-clear": "normal",
    "remove-from-service": "out-of-service",
    comment: "shelved",
    assign: "shelved",
  },
  "suppressed-by-design": {
    return: "normal",
    release: "unacknowledged",
    "remove-from-service": "out-of-service",
    comment: "suppressed-by-design",
    assign: "suppressed-by-design",
  },
  "out-of-service": {
    "return-to-service-active": "unacknowledged",
    "return-to-service-clear": "normal",
    comment: "out-of-service",
    assign: "out-of-service",
  },
};

/** Where `event` leads from `state`, or undefined when the table has no such transition. */
export function nextState(state: AlarmState, event: AlarmEvent): AlarmState | undefined {
  return LIFE_CYCLE[state][event];
}

/** Shelving ends by itself after at most this long. */
export const SHELVE_MS_MAX = 8 * 3_600_000;
