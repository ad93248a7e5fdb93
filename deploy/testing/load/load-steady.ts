/**
 * Many load edges in one process, at a rate that is told until another is told: what a county's boxes say all day. Orders
 * and answers travel over the channel of `fork`. It goes on from what the edges' outboxes say: it can be killed.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { cameraIds, LoadEdge, type LoadEdgeOptions } from "./load-edge.ts";

const TICK_MS = 5;
const LOOK_MS = 50;
/** How long a camera's video stays lost. */
const LOST_MS = 2_500;
/** Records that no outbox has committed yet; beyond them the generator waits, and says so by being late. */
const UNCOMMITTED_RECORDS_MAX = 20_000;

export interface SteadyRate {
  /** The first so many edges report; those that are not there yet are started. */
  readonly edges: number;
  /** Of all edges together. */
  readonly recordsPerS: number;
  /** Videos lost a second, of all edges together; each comes back {@link LOST_MS} later. */
  readonly alarmsPerS: number;
}

/** Each is answered with a {@link SteadyLook}: `rate` when the edges that it asks for have been born. */
export type SteadyOrder =
  | { readonly kind: "rate"; readonly rate: SteadyRate }
  | { readonly kind: "look" }
  /** As a look, when every outbox is empty. */
  | { readonly kind: "drained" };

export interface SteadyLook {
  /** Samples durable in an outbox since it was begun, given up ones among them. */
  readonly samples: number;
  /** Samples that outboxes gave up when they were full, and booked as lost. */
  readonly lost: number;
  /** Records and bytes that wait in outboxes. */
  readonly waiting: { readonly records: number; readonly bytes: number };
  /** How far each camera has counted, by `node/camera`. */
  readonly cameras: Readonly<Record<string, number>>;
  readonly connected: number;
  /** The longest that a record was later than it was due, since the last look: more is the generator's own trouble. */
  readonly late_ms: number;
  /** The longest that this process did nothing else, since the last look. */
  readonly busy_ms: number;
  /** What outboxes and connections had to say, newest last. */
  readonly troubles: readonly string[];
}

const TROUBLES_TOLD_MAX = 5;

interface Camera {
  readonly edge: LoadEdge;
  readonly id: string;
}

export class SteadyLoad {
  readonly #options: readonly LoadEdgeOptions[];
  readonly #edges: LoadEdge[] = [];
  readonly #delay = monitorEventLoopDelay({ resolution: 1 });
  #rate: SteadyRate = { edges: 0, recordsPerS: 0, alarmsPerS: 0 };
  #since = performance.now();
  #records = 0;
  #alarms = 0;
  #turn = 0;
  #cameraTurn = 0;
  #uncommitted = 0;
  #late_ms = 0;
  /** Cameras whose video is lost, and when it comes back. */
  #lost: { readonly camera: Camera; readonly until: number }[] = [];
  #cameras: readonly Camera[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: readonly LoadEdgeOptions[]) {
    this.#options = options;
    this.#delay.enable();
  }

  async set(rate: SteadyRate): Promise<void> {
    for (const options of this.#options.slice(this.#edges.length, rate.edges)) {
      const edge = new LoadEdge(options);
      edge.connect();
      this.#edges.push(edge);
      const cameras = cameraIds(options.cameras ?? 0).map((id) => ({ edge, id }));
      this.#cameras = [...this.#cameras, ...cameras];
      for (const camera of cameras) {
        if (edge.count(camera.id) % 2 === 1) this.#lost.push({ camera, until: performance.now() });
      }
    }
    while (!this.#edges.every(({ node }) => node.born)) await pause(LOOK_MS);
    this.#rate = rate;
    this.#since = performance.now();
    [this.#records, this.#alarms] = [0, 0];
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  look(): SteadyLook {
    const stats = this.#edges.map(({ outbox }) => outbox.stats());
    const sum = (of: (each: (typeof stats)[number]) => number): number =>
      stats.reduce((total, each) => total + of(each), 0);
    const look = {
      samples: sum(({ samples }) => samples),
      lost: sum(({ lostSamples }) => lostSamples),
      waiting: { records: sum(({ records }) => records), bytes: sum(({ bytes }) => bytes) },
      cameras: Object.fromEntries(
        this.#cameras.map(({ edge, id }) => [`${edge.name}/${id}`, edge.count(id)]),
      ),
      connected: this.#edges.filter(({ node }) => node.born).length,
      late_ms: Math.round(this.#late_ms),
      busy_ms: Math.round(this.#delay.max / 1e6),
      troubles: this.#edges.flatMap(({ troubles }) => troubles).slice(-TROUBLES_TOLD_MAX),
    };
    this.#late_ms = 0;
    this.#delay.reset();
    return look;
  }

  async drained(): Promise<void> {
    while (this.#lost.length > 0 || !this.#edges.every((edge) => edge.isEmpty)) await pause(LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#edges.map((edge) => edge.stop()));
  }

  #tick(): void {
    const now = performance.now();
    const { alarmsPerS, edges, recordsPerS } = this.#rate;
    const elapsed_s = (now - this.#since) / 1_000;
    while (
      this.#records < Math.floor(elapsed_s * recordsPerS) &&
      this.#uncommitted < UNCOMMITTED_RECORDS_MAX
    ) {
      this.#records += 1;
      this.#report(edges, this.#since + (this.#records * 1_000) / recordsPerS);
    }
    if (recordsPerS > 0) this.#isLate(now - this.#since - (this.#records * 1_000) / recordsPerS);
    while (this.#alarms < Math.floor(elapsed_s * alarmsPerS)) {
      this.#alarms += 1;
      this.#loseVideo(this.#since + (this.#alarms * 1_000) / alarmsPerS, now);
    }
    const due = this.#lost.filter(({ until }) => until <= now);
    if (due.length === 0) return;
    this.#lost = this.#lost.filter(({ until }) => until > now);
    for (const { camera } of due) this.#take(camera.edge.turn(camera.id, Date.now()));
  }

  /** Each edge's sources in turn, one edge after the other. */
  #report(edges: number, due: number): void {
    const edge = this.#edges[this.#turn % edges];
    const sources = edge?.sources ?? [];
    const source = sources[Math.floor(this.#turn / edges) % sources.length];
    this.#turn += 1;
    if (edge !== undefined && source !== undefined) this.#take(edge.report(source, wallTimeOf(due)));
  }

  /** Its event time is when it was due: what this process is late by is part of every latency that is measured from it. */
  #loseVideo(due: number, now: number): void {
    this.#isLate(now - due);
    for (let tried = 0; tried < this.#cameras.length; tried += 1) {
      const camera = this.#cameras[this.#cameraTurn % this.#cameras.length];
      this.#cameraTurn += 1;
      if (camera === undefined || camera.edge.count(camera.id) % 2 === 1) continue;
      this.#take(camera.edge.turn(camera.id, wallTimeOf(due)));
      this.#lost.push({ camera, until: due + LOST_MS });
      return;
    }
  }

  #take(kept: Promise<unknown>): void {
    this.#uncommitted += 1;
    kept
      // What had to give way is in the outbox's own account.
      .catch(() => undefined)
      .finally(() => {
        this.#uncommitted -= 1;
      });
  }

  #isLate(by_ms: number): void {
    this.#late_ms = Math.max(this.#late_ms, by_ms);
  }
}

const wallTimeOf = (due: number): number => Math.round(Date.now() - performance.now() + due);

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

if (import.meta.main) {
  process.once("message", (edges) => {
    const load = new SteadyLoad(edges as readonly LoadEdgeOptions[]);
    const carryOut = async (order: SteadyOrder): Promise<void> => {
      if (order.kind === "rate") await load.set(order.rate);
      if (order.kind === "drained") await load.drained();
      process.send?.(load.look());
    };
    // One after the other: the answers are told apart by their order.
    let last: Promise<void> = Promise.resolve();
    process.on("message", (order) => {
      last = last.then(() => carryOut(order as SteadyOrder));
    });
    process.once("disconnect", () => void load.stop().then(() => process.exit()));
  });
}
