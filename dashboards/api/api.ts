/**
 * The public API, version 1, as the console and other clients see it. Types only.
 *
 *   Signing in, accounts, the audit trail: accounts-api.ts
 *   GET  /api/v1/site                     → Site
 *   GET  /api/v1/alarms?state=active|all&scope=&limit=&before= → AlarmList
 *   GET  /api/v1/alarms/:id               → AlarmDetail
 *   GET, POST /api/v1/alarms/:id/confirmations {celsius} → ConfirmationView[] · ConfirmationView
 *   POST /api/v1/alarms/:id/:action       AlarmActionRequest → AlarmDetail
 *        actions: acknowledge · comment · assign · shelve · unshelve · reset · escalate · remove-from-service · return-to-service
 *   GET  /api/v1/devices?scope=&metrics=all|none → DeviceList
 *   GET  /api/v1/devices/:campus/:node/:device → DeviceView
 *   GET  /api/v1/commissioning?scope=     → CommissioningView: boxes and what they allow, devices that nobody has confirmed
 *   GET  /api/v1/commissioning/:campus/:node/search → { search?: SearchView } · POST SearchBody → 202 CommandView · DELETE → 202
 *   POST /api/v1/commissioning/:campus/:node/devices AdoptBody → 202 CommandView · DELETE /devices/:device → 202 ·
 *        POST /devices/:device/confirmation → 202
 *   GET  /api/v1/commissioning/profiles   → ProfileChoice[]
 *   POST /api/v1/query                    QueryRequest → QueryResult
 *   GET  /api/v1/rollups?from=&to=        → RollupView (the tree from the city down)
 *   POST /api/v1/commands                 CommandBody → 202 CommandView
 *   GET  /api/v1/commands/:id             → CommandView
 *   GET  /api/v1/rules · /rules/:id       → RuleView[] · RuleDetailView
 *   GET  /api/v1/rule-packs               → PacksView
 *   GET  /api/v1/rule-packs/own · /own/:name · /own/:name/versions/:at → OwnPackView[] · OwnPackDetail · { text }
 *   PUT  /api/v1/rule-packs/own/:name     { text } → OwnPackDetail; 400 by line · DELETE → 204 · POST …/check → PackProblem[]
 *   GET  /api/v1/back-tests · /back-tests/:id → BackTestView[] · BackTestView · POST BackTestBody → 202 · DELETE → 204
 *   GET  /api/v1/plans · /plans/:id/picture → PlanView[] · the picture · POST /plans?path=&title= (JPEG, PNG, WebP, SVG) → 201
 *   PUT  /api/v1/plans/:id/pins           PlanPinsBody → PlanView; 409 when changed meanwhile · DELETE /plans/:id → 204
 *   GET  /api/v1/suppressions             → SuppressionView[] · POST SuppressionBody → SuppressionView · DELETE /:id → 204
 *   GET  /api/v1/notifications?alarm=     → NotificationView[]: who was told of an alarm
 *   GET  /api/v1/channels                 → ChannelView[]
 *   POST /api/v1/channels/:id/test        → 202 · GET /channels/:id/tests → NotificationView[]: what the other side said
 *   GET  /api/v1/settings/:name           → SettingView · PUT { value, files?, version, check? } → SettingAnswer · DELETE
 *        names: notify · calendar (POST …/preview → CalendarChange[]) · timetable · retention
 *   GET  /api/v1/retention                → KeptView: how long what is kept, and what was removed
 *   GET  /api/v1/desks                    → DeskView[]
 *   GET  /api/v1/desks/:id/summary        → DeskSummary: what stands there now
 *   GET  /api/v1/desks/:id/hand-overs     → HandOverView[] · POST HandOverBody → HandOverView, 409 with a red alarm open
 *   GET  /api/v1/alarm-performance        → AlarmPerformanceView: floods, chattering and stale alarms
 *   GET  /api/v1/alarm-figures?from=&to=&scope= → AlarmFiguresView; GET /api/v1/raisings → RaisingView[] behind it
 *   GET  /api/v1/drills                   → DrillView[] · POST DrillBody → DrillView
 *   GET  /api/v1/drills/:id               → DrillReport · DELETE → 204
 *   GET  /api/v1/use?from=&to=&scope=     → RoomUseView[]: class-hours and utilisation of special rooms
 *   GET  /api/v1/use/records?campus=&type=&from=&to= → UseRecordView[]: what stands behind a figure
 *   GET  /api/v1/use/left-on?from=&to=&scope=&groupBy= → LeftOnFigure[]: on with nobody there, kW·h where metered;
 *        /use/left-on/records → LeftOnRecord[]
 *   GET  /api/v1/health/figures?from=&to=&scope=&class=&model=&device=&groupBy=&hours= → HealthFigure[]:
 *        availability, failures and time to repair by device, class, model or place
 *   GET  /api/v1/health/failures?from=&to=&scope=… → FailureList: what stands behind the counts
 *   GET  /api/v1/health/timeline?device=&from=&to= → HealthIntervalView[]: what stands behind a device's availability
 *   GET  /api/v1/health/models?from=&to=&scope= → ModelView[]: the models that fail most first
 *   GET  /api/v1/health/bandwidth?from=&to=&scope=&groupBy= → BandwidthFigure[]: links and peaks of classes, with completeness;
 *        /health/bandwidth/rooms → RoomBandwidthView[]
 *   GET  /api/v1/standards                → StandardView[]
 *   GET  /api/v1/standards/:id/report?campus=&from=&to= → StandardReport; report.html: the same to print, signed
 *   GET  /api/v1/standards/:id/history?campus= → VerdictChange[]
 *   GET  /api/v1/standards/:id/declarations?campus= → DeclarationView[] · POST DeclarationBody → DeclarationView
 *   GET  /api/v1/standards/:id/examinations?campus= → ExaminationView[], the newest first
 *   POST /api/v1/standards/:id/examinations ExaminationBody → ExaminationView: made again by itself from then on
 *   GET  /api/v1/standards/:id/examinations/:number.html?campus= → its page as it was signed then
 *   GET  /api/v1/standards/:id/report.xlsx · /use.xlsx · /devices.xlsx · /health.xlsx → the same to take away as tables
 *   GET  /api/v1/work-orders?scope=&state=open|all&device=&alarm= → WorkOrderList · POST NewWorkOrder → 201 WorkOrderDetail
 *   GET  /api/v1/work-orders/:number      → WorkOrderDetail
 *   POST /api/v1/work-orders/:number/progress WorkOrderProgress · /decisions WorkOrderDecision → WorkOrderDetail; 409 when
 *        the life cycle has no such step
 *   POST /api/v1/work-orders/:number/photos (a JPEG, PNG or WebP) → 201 WorkOrderDetail · GET …/photos/:photo → the picture
 *   GET  /api/v1/device-notes/:campus/:node/:device → DeviceNote · PUT DeviceNoteFields → DeviceNote
 *   GET  /api/v1/device-notes.csv?scope= · .xlsx → every device with its notes · POST /api/v1/device-notes/import
 *        DeviceNotesImport → DeviceNotesImported: what is wrong by row, or what changes
 *   GET  /api/v1/scenes                   → SceneView[] · POST NewScene → 201 SceneView · DELETE /api/v1/scenes/:id → 204
 *   GET  /api/v1/room-runs?scope=&limit=  → RoomRun[] · POST RoomRunBody → 202 RoomRun: a scene for a room or a building
 *   GET  /api/v1/room-runs/:id            → RoomRun, as far as it is · DELETE → RoomRun: nothing more is sent
 *   GET  /api/v1/calendar                 → CalendarView
 *   GET  /api/v1/boxes                    → BoxList · POST /boxes/tokens { boxes: NewBox[] } → IssuedBoxes
 *   POST /api/v1/boxes/:campus/:node/approval · /revocation · /release { why? } → 204; /signature { request } → SignedFile
 *   GET  /api/v1/updates                  → UpdatesView · POST /updates/roll-outs NewRollOutBody → 201 RollOut
 *   POST /api/v1/updates/bundles (a .raucb) → 201 BundleView · DELETE /updates/bundles/:sha256 → 204
 *   POST /api/v1/updates/roll-outs/:id/pause · /resume · /cancel · /retry · /hurry → RollOut
 *   PUT  /api/v1/updates/pins/:campus/:node { why? } → 204 · DELETE → 204: a box stays at what it runs, or follows again
 *   GET  /api/v1/backups                  → BackupsView · POST → 202: one is made now · GET /backups/recipe → how to restore
 *   PUT  /api/v1/flows/:id                FlowAlarmBody → 204: raises or clears the alarm of a flow
 *   GET  /api/v1/region-map               → { map?: RegionMapView } · PUT RegionMapBody → { map } · DELETE → 204
 *   GET  /api/v1/webhooks                 → WebhookView[] · POST NewWebhook → 201 WebhookMade
 *   PATCH /api/v1/webhooks/:id            ← { enabled } → WebhookView · DELETE → 204
 *   POST /api/v1/webhooks/:id/secret      → WebhookMade: the old secret signs nothing any more
 *   POST /api/v1/webhooks/:id/test        → WebhookDelivery: one signed event, now, and what was answered
 *   GET  /api/v1/webhooks/:id/deliveries  ?before=&limit= → WebhookDeliveries
 *   GET  /api/v1/stream                   → server-sent events, resumed by Last-Event-ID:
 *        `alarm` AlarmView · `device` DeviceView · `node` NodeView · `status` PlatformStatus (first, and at least every 5 s)
 * Every list takes `limit` and `after`, and names its next page in the header `Link` (RFC 8288); `text` looks for words in
 * it, and the OpenAPI document names what else it can be asked for (`scope`, properties). Answers have an `ETag`.
 * Errors are RFC 9457 problems ({ type, title, status, detail }).
 */
import type {
  AssetLevel,
  AssetPath,
  LocalText,
  MetricName,
  Rollup,
  Site,
  Timestamp,
} from "@campus-ops/device-profiles/vocabulary";
import type {
  CommandView,
  DeviceView,
  JsonValue,
  NodeView,
  QueryRequest,
  QueryResult,
  RetentionRemoval,
} from "@campus-ops/ingest/api";
import type {
  AlarmDetail,
  AlarmFiguresView,
  AlarmPerformanceView,
  AlarmRemoval,
  AlarmView,
  BackTestView,
  CalendarView,
  ChannelView,
  ConfirmationView,
  DeclarationView,
  DeskSummary,
  DeskView,
  DrillReport,
  DrillView,
  ExaminationView,
  FailureList,
  FailureView,
  FloodView,
  HandOverView,
  HealthFigure,
  HealthGroup,
  HealthIntervalView,
  LeftOnFigure,
  LeftOnRecord,
  ModelView,
  NewBackTest,
  NewDeclaration,
  NewDrill,
  NewHandOver,
  NewSuppression,
  NotificationView,
  OwnPackDetail,
  OwnPackView,
  PackProblem,
  PacksView,
  PackVersionView,
  Priority,
  RaisingView,
  RoomUseView,
  RuleDetailView,
  RuleView,
  StandardReport,
  StandardView,
  SuppressionView,
  UseRecordView,
  VerdictChange,
} from "@campus-ops/rules/api";

export type { BandwidthFigure, RoomBandwidthView } from "@campus-ops/rules/api";
export type { SettingAnswer, SettingName, SettingProblem, SettingView } from "@campus-ops/service";
export type { BackupsView } from "../backups/api.ts";
export type {
  AdoptBody,
  CommissioningBox,
  CommissioningView,
  FindingView,
  LiveReading,
  ProfileChoice,
  ProfileMatchView,
  SearchBody,
  SearchView,
  UnconfirmedDevice,
} from "../commissioning/api.ts";
export type {
  CellChange,
  DeviceNote,
  DeviceNoteFields,
  DeviceNotesImport,
  DeviceNotesImported,
  RowProblem,
} from "../device-notes/api.ts";
export type { BoxList, BoxView, IssuedBoxes, NewBox, SignedFile } from "../enrolment/api.ts";
export type { PlanPin, PlanPinsBody, PlanView } from "../plans/api.ts";
export type {
  MapArea,
  MapPoint,
  Position,
  RegionMap,
  RegionMapBody,
  RegionMapView,
} from "../region-map/api.ts";
export type {
  NewScene,
  RoomItem,
  RoomItemState,
  RoomRun,
  RoomRunBody,
  SceneSetting,
  SceneView,
} from "../rooms/api.ts";
export type { BoxProgress, BundleView, Pin, RollOut, RollOutAct, UpdatesView } from "../updates/api.ts";
export type {
  NewWebhook,
  WebhookDeliveries,
  WebhookDelivery,
  WebhookMade,
  WebhookView,
} from "../webhooks/api.ts";
export type {
  HazardLevel,
  NewWorkOrder,
  WorkOrderAction,
  WorkOrderDecision,
  WorkOrderDetail,
  WorkOrderEntry,
  WorkOrderList,
  WorkOrderPhoto,
  WorkOrderProgress,
  WorkOrderState,
  WorkOrderView,
} from "../work-orders/api.ts";
export type * from "./accounts-api.ts";
export type {
  AlarmDetail,
  AlarmFiguresView,
  AlarmPerformanceView,
  AlarmView,
  BackTestView,
  CalendarView,
  ChannelView,
  CommandView,
  ConfirmationView,
  DeclarationView,
  DeskSummary,
  DeskView,
  DeviceView,
  DrillReport,
  DrillView,
  ExaminationView,
  FailureList,
  FailureView,
  FloodView,
  HandOverView,
  HealthFigure,
  HealthGroup,
  HealthIntervalView,
  LeftOnFigure,
  LeftOnRecord,
  ModelView,
  NodeView,
  NotificationView,
  OwnPackDetail,
  OwnPackView,
  PackProblem,
  PacksView,
  PackVersionView,
  QueryRequest,
  QueryResult,
  RaisingView,
  RoomUseView,
  RuleDetailView,
  RuleView,
  Site,
  StandardReport,
  StandardView,
  SuppressionView,
  UseRecordView,
  VerdictChange,
};

/** Two signatures: who gives the desk, and who takes it. */
export type HandOverBody = NewHandOver;

/** Who asks is the caller. */
export type DrillBody = Omit<NewDrill, "by">;

/** Who asks is the caller. */
export type BackTestBody = Omit<NewBackTest, "by">;

/** Who declares it is the caller. */
export type SuppressionBody = Omit<NewSuppression, "by">;

/** Who states it is the caller. */
export type DeclarationBody = Omit<NewDeclaration, "by">;

/** Who examines is the caller. Without a range, over the months that the standard is examined by. */
export interface ExaminationBody {
  readonly campus: string;
  readonly from?: Timestamp;
  readonly to?: Timestamp;
}

/** The alarm of a flow of the campus's own, as it stands. */
export interface FlowAlarmBody {
  readonly title: LocalText;
  readonly raised: boolean;
  readonly priority: Priority;
  readonly text: LocalText;
}

export interface AlarmList {
  readonly alarms: readonly AlarmView[];
  /** Pass as `before` for the next page; absent on the last. */
  readonly before?: string;
}

export interface AlarmActionRequest {
  readonly comment?: string;
  readonly duration_ms?: number;
  /** For `assign`: a name or an account; null takes the alarm back. */
  readonly assignee?: string | null;
}

export interface DeviceList {
  readonly devices: readonly DeviceView[];
  readonly nodes: readonly NodeView[];
}

export interface CommandBody {
  readonly device: string;
  readonly metric: MetricName;
  readonly value: JsonValue;
  readonly reason?: string;
}

/** One asset's figures: its own for a campus, the fold of its children's above. */
export interface RollupView {
  readonly path: AssetPath;
  readonly level: AssetLevel;
  readonly title: LocalText;
  readonly from: Timestamp;
  readonly to: Timestamp;
  readonly counts: Rollup;
  /** 0 to 1; absent when nothing was expected. */
  readonly completeness?: number;
  readonly intactRate?: number;
  /** Of a campus whose own hub is cut off: its figures are as of then. */
  readonly lastKnown?: Timestamp;
  readonly children: readonly RollupView[];
}

/** Whether the parts behind the page are there, so that the page can say so louder than any alarm. */
export interface PlatformStatus {
  readonly at: Timestamp;
  readonly ingest: boolean;
  readonly rules: boolean;
  /** Receive time of the newest entry that rules has looked at; absent when rules is away. */
  readonly rulesUpTo?: Timestamp;
}

export interface KeptView {
  /** `events`, `health`, `pictures`, `alarms`, or `points` and their tier. */
  readonly kept: readonly { readonly what: string; readonly days: number }[];
  /** The newest first. */
  readonly removals: readonly RemovalView[];
}

export interface RemovalView extends Omit<RetentionRemoval, "unit"> {
  /** Occurrences of alarms count as alarms; actions are what people did with them. */
  readonly unit: RetentionRemoval["unit"] | AlarmRemoval["what"];
}
