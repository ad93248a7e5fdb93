/** What a box shows of an update: its own part, the fetching, and then what its update service says. Pure. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

/** As it travels in `Update/Install`. */
export interface UpdateJob {
  /** The hub's name for it; whoever is told the same again has been told once. */
  readonly job: string;
  /** Of the bundle, lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly version: string;
  /** No installation begins after it, milliseconds since the epoch; absent: whenever it is fetched. */
  readonly until?: number;
}

/** How far a job is, kept on the disk over restarts of the box. */
export type JobPhase =
  | { readonly kind: "fetching" }
  /** `since`: the moment that the service's status named before; until it names another it speaks of something else. */
  | { readonly kind: "handed-over"; readonly since: string }
  | { readonly kind: "over"; readonly state: string; readonly reason?: LocalText };

/** `/run/campus-ops/update.json`; the contract is in deploy/image/README.md. */
export interface ServiceStatus {
  readonly state: string;
  readonly percent?: number;
  readonly running: { readonly version: string };
  readonly target?: string;
  readonly message?: LocalText;
  /** The box's clock; only ever compared for being another. */
  readonly at: string;
}

/** The values of the capability `Update`, by name. */
export interface ShownUpdate {
  readonly System: string;
  readonly Job: string;
  readonly State: string;
  readonly Progress: number;
  readonly Target: string;
  readonly ReasonZh: string;
  readonly ReasonEn: string;
}

const FINAL = new Set(["done", "refused", "failed", "rolled-back"]);
/** The service reads the file in these. */
const READING = new Set(["checking", "installing"]);

export interface KnownJob {
  readonly job: UpdateJob;
  readonly phase: JobPhase;
}

/** Of a job that was handed over: what the service has come to, or undefined while it goes on. */
export function outcomeOf({ phase }: KnownJob, status: ServiceStatus | undefined): JobPhase | undefined {
  if (phase.kind !== "handed-over" || status === undefined || status.at === phase.since) return undefined;
  if (!FINAL.has(status.state)) return undefined;
  return {
    kind: "over",
    state: status.state,
    ...(status.message === undefined ? {} : { reason: status.message }),
  };
}

/** Whether the service is at work for a job; it takes no other then. */
export function isBusy({ phase }: KnownJob, status: ServiceStatus | undefined): boolean {
  if (phase.kind !== "handed-over" || status === undefined || status.at === phase.since) return false;
  return !FINAL.has(status.state);
}

/** Whether the bundle's file is needed no more. */
export function isFileFree({ phase }: KnownJob, status: ServiceStatus | undefined): boolean {
  if (phase.kind === "over") return true;
  return (
    phase.kind === "handed-over" &&
    status !== undefined &&
    status.at !== phase.since &&
    !READING.has(status.state)
  );
}

/** `fetched`: bytes of the bundle that are here. */
export function shownUpdate(
  known: KnownJob | undefined,
  fetched: number,
  status: ServiceStatus | undefined,
): ShownUpdate {
  const System = status?.running.version ?? "";
  const shown = (State: string, Progress: number, Target: string, reason?: LocalText): ShownUpdate => ({
    System,
    Job: known?.job.job ?? "",
    State,
    Progress,
    Target,
    ReasonZh: reason?.zh ?? "",
    ReasonEn: reason?.en ?? "",
  });
  if (known === undefined)
    return shown(status?.state ?? "idle", status?.percent ?? 0, status?.target ?? "", status?.message);
  const { job, phase } = known;
  switch (phase.kind) {
    case "fetching":
      return shown("fetching", Math.floor((100 * fetched) / job.bytes), job.version);
    case "handed-over":
      return status === undefined || status.at === phase.since
        ? shown("checking", 0, job.version)
        : shown(status.state, status.percent ?? 0, job.version, status.message);
    case "over":
      return shown(phase.state, 0, job.version, phase.reason);
  }
}
