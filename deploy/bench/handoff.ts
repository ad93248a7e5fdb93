/**
 * From an edge's report to its acknowledgement: the real outbox, sender and edge node here, a real broker process and a
 * real ingest process (with its registry and store) on a core of their own.
 */
import { build, type Histogram } from "hdr-histogram-js";
import { eventually } from "../testing/awaiting.ts";
import type { LoadEdge } from "../testing/load/load-edge.ts";
import { figure } from "./figure.ts";
import { sourceAt, withLoadedHub } from "./loaded-hub.ts";
import { cpuSeconds } from "./process-usage.ts";
import type { Report } from "./result.ts";

const PORTS = 20;
const RUNS = 5;
const RUN_MS = 4_000;
const WARM_UP_MS = 6_000;
const TICK_MS = 10;
/** What is on its way at once when speed is asked for: within the sender's window, so that nothing becomes backlog. */
const OUTSTANDING_RECORDS_MAX = 1_500;
/** Samples a second while latency is looked at: what a hub of 500 busy devices has. */
const STEADY_SAMPLES_PER_S = 20_000;
const SAMPLES_PER_S = 100_000;
const P99_MS = 150;

export async function handoff(report: Report): Promise<void> {
  await withLoadedHub(PORTS, async ({ hub, edge }) => {
    const load = new Load(edge);
    await load.run(WARM_UP_MS, Number.POSITIVE_INFINITY);

    const fast = await measure(load, hub.pids, Number.POSITIVE_INFINITY);
    const perS = { target: SAMPLES_PER_S, better: "higher" } as const;
    report(figure("as fast as it goes, hub on one core and edge on the other", "samples/s", fast.perS, perS));
    report(figure("… a core-second of broker and ingest", "samples", fast.perHubSecond, perS));
    report(figure("… a core-second of the edge", "samples", fast.perEdgeSecond));
    const steady = await measure(load, hub.pids, STEADY_SAMPLES_PER_S);
    const title = `report → acknowledged at ${STEADY_SAMPLES_PER_S} samples/s`;
    report(figure(`${title}, p50`, "ms", steady.p50));
    report(figure(`${title}, p99`, "ms", steady.p99, { target: P99_MS, better: "lower" }));
  });
}

interface Measured {
  readonly perS: number[];
  readonly perHubSecond: number[];
  readonly perEdgeSecond: number[];
  readonly p50: number[];
  readonly p99: number[];
}

async function measure(load: Load, hub: readonly number[], samplesPerS: number): Promise<Measured> {
  const measured: Measured = { perS: [], perHubSecond: [], perEdgeSecond: [], p50: [], p99: [] };
  for (let run = 0; run < RUNS; run += 1) {
    const before = { hub: cpuSeconds(hub), edge: cpuSeconds([process.pid]) };
    const { samples, elapsed_s, latency } = await load.run(RUN_MS, samplesPerS);
    measured.perS.push(samples / elapsed_s);
    measured.perHubSecond.push(samples / (cpuSeconds(hub) - before.hub));
    measured.perEdgeSecond.push(samples / (cpuSeconds([process.pid]) - before.edge));
    measured.p50.push(latency.getValueAtPercentile(50));
    measured.p99.push(latency.getValueAtPercentile(99));
  }
  return measured;
}

/** Reports, and counts what comes back acknowledged. */
class Load {
  readonly #edge: LoadEdge;
  /** By first sample number: when its report was begun. */
  readonly #begun = new Map<number, number>();
  /** Begun, and not durable yet: their numbers are not known. */
  #unnumbered = 0;
  #samples = 0;
  #turn = 0;
  #latency = build({ numberOfSignificantValueDigits: 3 });

  constructor(edge: LoadEdge) {
    this.#edge = edge;
    edge.whenAcknowledged(({ first, last }) => {
      const begun = this.#begun.get(first);
      if (begun === undefined) return;
      this.#begun.delete(first);
      this.#samples += last - first + 1;
      this.#latency.recordValue(performance.now() - begun);
    });
  }

  /** Ends when everything of this run is acknowledged, so that no run pays for another. */
  async run(
    milliseconds: number,
    samplesPerS: number,
  ): Promise<{ readonly samples: number; readonly elapsed_s: number; readonly latency: Histogram }> {
    this.#samples = 0;
    this.#latency = build({ numberOfSignificantValueDigits: 3 });
    const startedAt = performance.now();
    let reported = 0;
    let failure: unknown;
    while (performance.now() - startedAt < milliseconds && failure === undefined) {
      const due = ((performance.now() - startedAt) / 1_000) * (samplesPerS / PORTS) - reported;
      const room = OUTSTANDING_RECORDS_MAX - this.#begun.size - this.#unnumbered;
      for (let each = 0; each < Math.min(due, room); each += 1) {
        const begun = performance.now();
        const source = sourceAt(this.#turn);
        this.#turn += 1;
        this.#unnumbered += 1;
        reported += 1;
        this.#edge.report(source).then(
          (first) => {
            this.#unnumbered -= 1;
            this.#begun.set(first, begun);
          },
          (error: unknown) => {
            failure = error;
          },
        );
      }
      await new Promise((resolve) =>
        setTimeout(resolve, samplesPerS === Number.POSITIVE_INFINITY ? 1 : TICK_MS),
      );
    }
    if (failure !== undefined) throw failure;
    await eventually(
      "everything is acknowledged",
      async () => (this.#begun.size === 0 && this.#unnumbered === 0) || undefined,
    );
    return {
      samples: this.#samples,
      elapsed_s: (performance.now() - startedAt) / 1_000,
      latency: this.#latency,
    };
  }
}
