/**
 * What rules answers over HTTP (on the hub's private socket). Types only: other processes import them as types.
 *
 *   GET  /healthz · /metrics
 *   GET  /alarms?state=active|all&campus=&limit=&before= → AlarmView[], newest first
 *   GET  /alarms/:id                     → AlarmDetail (404 when unknown)
 *   POST /alarms/:id/:action  AlarmAction → AlarmDetail; 409 when the life cycle's table has no such transition
 *                                          action: acknowledge · comment · assign · shelve · unshelve · reset ·
 *                                          remove-from-service · return-to-service
 *   GET, POST /alarms/:id/confirmations  NewConfirmation → ConfirmationView: readings that confirm or refute an alarm
 *   POST /alarms/:id/escalate {by, comment?} → AlarmDetail: the next desk is told now; 409 when nobody is left
 *   GET  /stream?after=CURSOR            → server-sent events: `alarm` AlarmView on every transition, id = cursor;
 *                                          `flood` FloodView of each desk at the beginning and when it changes
 *   GET  /rollups?from=&to=              → CampusAlarmCounts[]
 *   GET  /retention                      → AlarmRetentionView
 *   GET  /rules                          → RuleView[]
 *   GET  /rules/:id · /packs · /packs/own/… → rules as they are written, and the hub's own packs; see `packs/routes.ts`
 *   GET  /alarms/:id/bundle?by=          → text/html: an alarm with its evidence, to print, verifiable offline
 *   GET  /alarms/:id/pictures/:picture   → the picture itself; 404 when there is none, or no longer
 *   GET  /evidence                       → EvidenceView
 *   POST /back-tests  NewBackTest        → 202 BackTestView: a changed or new rule over the stored journal
 *   GET  /back-tests · /back-tests/:id   → BackTestView[] · BackTestView with its difference
 *   DELETE /back-tests/:id               → cancels it
 *   GET  /performance                    → AlarmPerformanceView: floods by desk, chattering and stale alarms
 *   GET  /alarm-figures?from=&to=&scope= → AlarmFiguresView: load, floods, chatter, time to acknowledge
 *   GET  /raisings?from=&to=&scope=      → RaisingView[]: the alarms behind a figure
 *   GET  /suppressions                   → SuppressionView[]
 *   POST /suppressions  NewSuppression   → SuppressionView: suppression by design, declared for a place
 *   DELETE /suppressions/:id {by}        → 204
 *   GET  /drills                         → DrillView[], newest first
 *   POST /drills  NewDrill               → DrillView: alarms of a place are part of it while it lasts
 *   DELETE /drills/:id {by}              → 204: it ends before its time
 *   GET  /drills/:id                     → DrillReport: how long each step took
 *   GET  /notifications?alarm=&limit=    → NotificationView[], newest first: who was told, and by what
 *   GET  /channels · /desks              → ChannelView[] · DeskView[]
 *   POST /channels/:id/test {by}         → 202
 *   GET  /desks/:id/summary · GET, POST /desks/:id/hand-overs → DeskSummary, HandOverView
 *   GET  /calendar?at=                   → CalendarView
 *   GET  /use?from=&to=                  → RoomUseView[]: class-hours and utilisation of special rooms
 *   GET  /use/records?campus=&type=&from=&to= → UseRecordView[]: what stands behind a figure
 *   GET  /health/…                       → the health of devices over time; see `health/routes.ts`
 *   GET  /health/bandwidth[/rooms]       → the bandwidth of classes; see `bandwidth/routes.ts`
 *   GET  /standards                      → StandardView[]
 *   GET  /standards/:id/report?campus=&from=&to= → StandardReport; with .html and &by=: to print, signed
 *   GET  /standards/:id/history · /standards/:id/declarations?campus= → VerdictChange[] · DeclarationView[]
 *   POST /standards/:id/declarations NewDeclaration → DeclarationView
 *   GET  /telling/:campus[/counts|/days] · POST /facts → for the agent that tells the hub above; see `http/federation.ts`
 * Errors are RFC 9457 problems.
 */
import type {
  AssetPath,
  DeviceClass,
  EventName,
  LocalText,
  Quality,
  Rollup,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";

import type { AlarmDifference } from "./core/back-test.ts";
import type { FigureAlarm, LoadFigures, RangeFigures } from "./core/figures/alarm-figures.ts";

export type { AlarmDifference, Occurrence } from "./core/back-test.ts";
export type { Delays, FigureAlarm, LoadFigures, RangeFigures } from "./core/figures/alarm-figures.ts";

/** 1 red, 2 orange, 3 yellow, 4 blue: the national warning colours. */
export type Priority = 1 | 2 | 3 | 4;

/** IEC 62682 states. */
export type AlarmState =
  | "normal"
  | "unacknowledged"
  | "acknowledged"
  | "returned-unacknowledged"
  | "latched"
  | "shelved"
  | "suppressed-by-design"
  | "out-of-service";

export interface AlarmView {
  /** The alarm's identity, from (rule, asset, instance): the same on every hub that sees it. */
  readonly id: string;
  /** Tells one raising of this alarm from the next: 1, 2, 3 … */
  readonly occurrence: number;
  readonly rule: string;
  readonly priority: Priority;
  readonly state: AlarmState;
  readonly title: LocalText;
  readonly device: {
    /** `campus/node/device`, or `campus/node` for the box itself. */
    readonly key: string;
    readonly title: LocalText;
    readonly class: DeviceClass;
    readonly path: AssetPath;
    readonly campus: string;
  };
  readonly instance?: string;
  /** When it became true, by event time. */
  readonly raisedAt: Timestamp;
  /** When the hub knew. */
  readonly receivedAt: Timestamp;
  readonly returnedAt?: Timestamp;
  readonly acknowledged?: { readonly by: string; readonly at: Timestamp; readonly comment?: string };
  /** Whose it is, by a name or an account; absent when nobody's. Ends with the occurrence. */
  readonly assigned?: { readonly to: string; readonly by: string; readonly at: Timestamp };
  /** Present, and true, when it became known long after it had happened (the edge box was away). */
  readonly late?: true;
  /** The drill that it is part of. */
  readonly drill?: string;
  /** When shelving ends by itself. */
  readonly shelvedUntil?: Timestamp;
  /** The alarm that this one is a symptom of. */
  readonly causeId?: string;
  /** How many others are symptoms of this one now. */
  readonly symptoms: number;
  /** Of an alarm that a hub below raised: key of that hub's device here, `group/node/campus`. */
  readonly hub?: string;
  /** That hub has been cut off since then; this is how the alarm stood. */
  readonly lastKnown?: Timestamp;
  /** The last transition, in hub time. Grows with every change. */
  readonly updatedAt: Timestamp;
}

export interface AlarmDetail extends AlarmView {
  readonly ruleVersion: number;
  /** Why it fired: the condition with its values filled in. */
  readonly explanation: LocalText;
  /** What probably caused it, what follows if nobody acts, and what to do. */
  readonly card: { readonly cause: LocalText; readonly consequence: LocalText; readonly action: LocalText };
  /** Respond within this long of the raising. */
  readonly respondWithin_ms: number;
  readonly evidence: readonly EvidenceSample[];
  /** Only a reading between these, entered by a person, confirms it. */
  readonly confirmable?: { readonly from: number; readonly to: number };
  /** Of every raising, the oldest first; what is wanted and not there yet is among them. */
  readonly pictures: readonly AlarmPictureView[];
  readonly transitions: readonly TransitionView[];
  readonly symptomIds: readonly string[];
}

/** One reading that the decision rests on, with its place in the journal. */
export interface EvidenceSample {
  readonly device: string;
  readonly name: string;
  readonly value: boolean | number | string | null;
  readonly fields?: Readonly<Record<string, boolean | number | string | null>>;
  readonly quality: Quality;
  readonly eventTime: Timestamp;
  readonly journalSeq: number;
}

/**
 * Why this camera, the nearest first: the alarm is about itself · it is declared to see the device · or its place · it is
 * in the same place · where everybody passes on the same floor · or in the same building.
 */
export type CameraChoice =
  | "itself"
  | "sees-device"
  | "sees-place"
  | "same-place"
  | "same-floor"
  | "same-building";

/**
 * no-camera: none is near · unreachable: it, or its edge box, is away · unsupported: it takes no pictures · failed: it
 * was asked and delivered none · full: its edge box has no room · no-answer: nothing was heard in time · flood: too
 * many alarms at once · late: the alarm became known long after it had happened.
 */
export type NoPictureReason =
  | "no-camera"
  | "unreachable"
  | "unsupported"
  | "failed"
  | "full"
  | "no-answer"
  | "flood"
  | "late";

/** A picture in the evidence of an alarm, or why there is none. */
export interface AlarmPictureView {
  readonly id: string;
  readonly occurrence: number;
  readonly kind: "snapshot" | "clip";
  /**
   * So long after the raising it was wanted: 0, 5,000 or 10,000. Of the later ones only those that were taken stay. Of a
   * clip, -5,000: where it begins. Cameras that give none are not asked for one.
   */
  readonly after_ms: number;
  /** none: there is none, for `reason`; one that comes all the same is taken. */
  readonly state: "wanted" | "asked" | "taken" | "none";
  readonly camera?: { readonly key: string; readonly title: LocalText; readonly path: AssetPath };
  readonly why?: CameraChoice;
  readonly reason?: NoPictureReason;
  readonly detail?: string;
  /** Since when the camera, or its edge box, has been away. */
  readonly since?: Timestamp;
  readonly settledAt?: Timestamp;
  readonly takenAt?: Timestamp;
  /** Key of the recorder that it came from, where it did not come from the camera itself. */
  readonly recorder?: string;
  readonly sha256?: string;
  readonly bytes?: number;
  readonly contentType?: string;
}

export interface TransitionView {
  readonly at: Timestamp;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly event: string;
  readonly occurrence: number;
  /** A person's account name, or "rule". */
  readonly by: string;
  readonly comment?: string;
  /** Of the event `assign`: whom it was given to; null when it was taken back. */
  readonly assignee?: string | null;
}

/** How long alarms are kept after they ended, and what the job that sees to it has removed. */
export interface AlarmRetentionView {
  readonly kept: readonly { readonly what: "alarms"; readonly days: number }[];
  /** The newest first. */
  readonly removals: readonly AlarmRemoval[];
}

export interface AlarmRemoval {
  readonly at: Timestamp;
  /** Occurrences of alarms with their evidence; what people did with alarms. */
  readonly what: "alarms" | "actions";
  /** Everything that ended earlier is gone. */
  readonly before: Timestamp;
  readonly count: number;
}

export interface AlarmAction {
  readonly by: string;
  readonly comment?: string;
  /** For shelve: at most eight hours. */
  readonly duration_ms?: number;
  /** For assign: a name or an account, at most 128 characters; null takes the alarm back. */
  readonly assignee?: string | null;
}

/** Whether there is a flood of alarms at a desk: more than ten in ten minutes, until fewer than five. */
export interface FloodView {
  readonly desk: string;
  /** What the desk is responsible for; everything, when it names nothing. */
  readonly scope: readonly AssetPath[];
  /** New alarms in the last ten minutes, symptoms left out. */
  readonly newAlarms: number;
  /** Present while there is a flood. */
  readonly since?: Timestamp;
}

/** How the alarms themselves behave (IEC 62682 clause 16). */
export interface AlarmPerformanceView {
  readonly desks: readonly {
    readonly desk: string;
    /** New alarms in the last ten minutes, symptoms left out. */
    readonly newAlarms: number;
    /** Present while there is a flood: more than ten in ten minutes, until fewer than five. */
    readonly floodSince?: Timestamp;
  }[];
  /** Ids of alarms raised three times within a minute, until quiet for ten. */
  readonly chattering: readonly string[];
  /** Ids of alarms that have stood for more than a day. */
  readonly stale: readonly string[];
}

/** What people had to deal with in a range, and how they did (IEC 62682 clause 16). */
export interface AlarmFiguresView {
  readonly from: Timestamp;
  /** Never after now. */
  readonly to: Timestamp;
  readonly scope: AssetPath | "";
  readonly all: RangeFigures;
  /** Of each desk of the scope, as far as its alarms are of the scope; a campus is a desk where none is set up. */
  readonly desks: readonly (LoadFigures & { readonly desk: string })[];
  /** As of now, whatever the range: those that have stood for more than a day, the oldest first. */
  readonly standing: {
    readonly count: number;
    /** Of them: those on which nobody has done anything for a day either. */
    readonly stale: number;
    readonly first: readonly (FigureAlarm & {
      readonly raisedAt: Timestamp;
      readonly updatedAt: Timestamp;
    })[];
  };
}

/** One ringing of an alarm. */
export interface RaisingView extends FigureAlarm {
  readonly at: Timestamp;
}

/** Alarms of a place (and, if named, of some rules) that are not to ring until then; panic and fire always do. */
export interface SuppressionView {
  readonly id: string;
  readonly path: AssetPath;
  readonly rules?: readonly string[];
  readonly from: Timestamp;
  readonly until: Timestamp;
  readonly by: string;
  readonly reason: string;
}

/** At most seven days. */
export interface NewSuppression {
  readonly path: AssetPath;
  readonly rules?: readonly string[];
  readonly duration_ms: number;
  readonly by: string;
  readonly reason: string;
}

export interface CampusAlarmCounts {
  readonly campus: string;
  readonly counts: Rollup;
}

/** A pack as YAML; rules of an id that is in force are put in its place, others are added. */
export interface NewBackTest {
  readonly pack: string;
  readonly by: string;
  /** Receive times; the whole journal unless said. */
  readonly from?: Timestamp;
  readonly to?: Timestamp;
}

export interface BackTestView {
  readonly id: string;
  readonly by: string;
  /** Ids of the rules that differ from those in force. */
  readonly rules: readonly string[];
  readonly state: "running" | "done" | "cancelled" | "failed";
  readonly startedAt: Timestamp;
  readonly endedAt?: Timestamp;
  readonly progress?: {
    readonly entries: number;
    readonly samples: number;
    readonly total: number;
    readonly upTo: Timestamp;
  };
  readonly difference?: AlarmDifference;
  /** Why it failed. */
  readonly detail?: string;
}

/** What an alarm's bundle is verified against. */
export interface EvidenceView {
  /** SPKI, PEM, of the key that signs bundles. */
  readonly publicKey: string;
  /** SHA-256 of it, hexadecimal. */
  readonly fingerprint: string;
  /** The newest link of the chain of all alarms' history. */
  readonly head: { readonly n: number; readonly hash: string };
}

export type { BandwidthFigure, BandwidthGroup, RoomBandwidthView } from "./bandwidth/api.ts";
export type { CalendarChange, CalendarDocument } from "./calendar/api.ts";
export type { ConfirmationView, NewConfirmation } from "./confirmations/api.ts";
export type {
  FailureList,
  FailureView,
  HealthFigure,
  HealthGroup,
  HealthIntervalView,
  ModelView,
} from "./health/api.ts";
export type {
  ChannelDocument,
  ChannelView,
  DeskSummary,
  DeskView,
  HandOverView,
  NewHandOver,
  NotificationView,
  NotifyDocument,
} from "./notify/api.ts";
export type {
  OwnPackDetail,
  OwnPackView,
  PackProblem,
  PacksView,
  PackVersionView,
  RuleDetailView,
  RuleView,
} from "./packs/api.ts";
export type {
  CheckReport,
  DeclarationView,
  EvidenceRecord,
  ExaminationView,
  ItemReport,
  NewDeclaration,
  StandardReport,
  StandardVerdict,
  StandardView,
  VerdictChange,
} from "./standards/api.ts";
export type { LeftOnFigure, LeftOnRecord, RoomUseView, UseRecordView } from "./use/api.ts";

/** What the hub above is told of a campus's alarms: nothing else of them leaves this hub. */
export interface AlarmTelling {
  /** Ask for what changed after this. */
  readonly cursor: number;
  /** Fields of the event `HubAlarm/Changed`. */
  readonly alarms: readonly {
    readonly id: string;
    readonly at: Timestamp;
    readonly fields: Readonly<Record<string, boolean | number | string | null>>;
  }[];
}

export interface AlarmTellingCounts {
  readonly standing: Rollup;
  readonly buckets: readonly { readonly start: Timestamp; readonly counts: Rollup }[];
}

/** Days of a campus as sums, which changed since it was asked last. */
export interface DayTelling {
  /** Ask for what changed after this. */
  readonly cursor: number;
  readonly isMore: boolean;
  /** Events `HubDay/…`. */
  readonly days: readonly {
    readonly event: EventName;
    readonly id: string;
    readonly at: Timestamp;
    readonly fields: Readonly<Record<string, number | string | null>>;
  }[];
}

/** Windows of the school calendar. */
export interface CalendarView {
  readonly at: Timestamp;
  /** Those that are open at that moment. */
  readonly open: readonly string[];
  readonly windows: readonly string[];
  /** The next moment at which one opens or closes; absent when there is none. */
  readonly until?: Timestamp;
}

export interface NewDrill {
  readonly path: AssetPath;
  readonly rules?: readonly string[];
  /** At most four hours. */
  readonly duration_ms: number;
  readonly by: string;
  readonly title: string;
}

export interface DrillView extends Omit<NewDrill, "duration_ms"> {
  readonly id: string;
  readonly from: Timestamp;
  readonly until: Timestamp;
}

/** One alarm of a drill: when each step of its road was done. A step that is not there has not happened. */
export interface DrillSteps {
  readonly alarm: string;
  readonly occurrence: number;
  readonly title: LocalText;
  readonly device: AlarmView["device"];
  /** By the device's own, corrected, clock. */
  readonly happenedAt: Timestamp;
  readonly receivedAt: Timestamp;
  readonly raisedAt: Timestamp;
  /** The first message that reached somebody. */
  readonly toldAt?: Timestamp;
  readonly acknowledgedAt?: Timestamp;
  readonly acknowledgedBy?: string;
}

export interface DrillReport extends DrillView {
  readonly alarms: readonly DrillSteps[];
}
