/** Requests to a VictoriaMetrics. */
import type { Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { StoreAwayError } from "../store.ts";
import { type Endpoints, endpointsOf, type VictoriaMetricsAddress } from "./addressing.ts";
import type { Labels } from "./series.ts";

const REQUEST_MS_MAX = 30_000;
/** One series of an export; the server is asked to cut longer ones. */
const EXPORT_ROWS_PER_LINE = 10_000;

export interface SeriesPoints {
  readonly metric: Labels;
  readonly points: readonly (readonly [Timestamp, number])[];
}

/** As the server writes it. */
interface ExportedLine {
  readonly metric: Labels;
  readonly values: readonly number[];
  readonly timestamps: readonly Timestamp[];
}

interface QueriedSeries {
  readonly metric: Labels;
  /** `[seconds, "value"]` */
  readonly values: readonly (readonly [number, string])[];
}

type Parameters = Readonly<Record<string, string>>;

export class VictoriaMetricsClient {
  readonly #endpoints: Endpoints;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal | undefined;

  constructor(address: VictoriaMetricsAddress, signal?: AbortSignal) {
    this.#signal = signal;
    this.#endpoints = endpointsOf(address);
    const { credentials } = address;
    this.#headers =
      credentials === undefined
        ? {}
        : { authorization: `Basic ${btoa(`${credentials.username}:${credentials.password}`)}` };
  }

  async import(body: string): Promise<void> {
    const response = await this.#fetch(this.#endpoints.import, { method: "POST", body });
    await response.arrayBuffer();
  }

  /**
   * Series with points in `[from, to)`, as they come; a long one in several pieces. The range that the server is asked for
   * ends a millisecond later: it finds nothing at its very end when that is midnight.
   */
  async *export(match: string, from: Timestamp, to: Timestamp): AsyncGenerator<SeriesPoints> {
    const response = await this.#post(this.#endpoints.export, {
      "match[]": match,
      start: instant(from),
      end: instant(to),
      max_rows_per_line: String(EXPORT_ROWS_PER_LINE),
    });
    for await (const line of linesOf(response)) {
      const { metric, values, timestamps } = JSON.parse(line) as ExportedLine;
      const points = timestamps.flatMap((time, index) => {
        const value = values[index];
        return time < to && value !== undefined ? [[time, value] as const] : [];
      });
      if (points.length > 0) yield { metric, points };
    }
  }

  /**
   * The query at `first`, and every step after it up to `last`. `nocache=1` switches off the search.latencyOffset, which
   * hides the last 30 s, and the rounding of times. One step more is asked for: see {@link export}.
   */
  async queryRange(
    query: string,
    first: Timestamp,
    last: Timestamp,
    step_ms: number,
  ): Promise<SeriesPoints[]> {
    const response = await this.#post(this.#endpoints.queryRange, {
      query,
      start: instant(first),
      end: instant(last + step_ms),
      step: `${step_ms}ms`,
      nocache: "1",
    });
    const { data } = (await response.json()) as { data: { result: QueriedSeries[] } };
    return data.result.map(({ metric, values }) => ({
      metric,
      points: values
        .map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)] as const)
        .filter(([time]) => time <= last),
    }));
  }

  /** The one number that the query gives, if any. */
  async queryNumber(query: string, time: Timestamp): Promise<number | undefined> {
    const response = await this.#post(this.#endpoints.query, { query, time: instant(time), nocache: "1" });
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    const value = data.result[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  }

  /** Names of series with points in `[from, to)`, to the day. */
  async names(from: Timestamp, to: Timestamp): Promise<string[]> {
    const response = await this.#post(this.#endpoints.names, range(from, to));
    return ((await response.json()) as { data: string[] }).data;
  }

  /** Series with points in `[from, to)`, to the day. */
  async series(match: string, from: Timestamp, to: Timestamp): Promise<Labels[]> {
    const response = await this.#post(this.#endpoints.series, { "match[]": match, ...range(from, to) });
    return ((await response.json()) as { data: Labels[] }).data;
  }

  /** Devices of series with points in `[from, to)`, to the day. */
  async devices(match: string, from: Timestamp, to: Timestamp): Promise<string[]> {
    const response = await this.#post(this.#endpoints.devices, { "match[]": match, ...range(from, to) });
    return ((await response.json()) as { data: string[] }).data;
  }

  async deleteSeries(match: string): Promise<void> {
    const response = await this.#post(this.#endpoints.deleteSeries, { "match[]": match });
    await response.arrayBuffer();
  }

  /** Makes what was written visible at once; false where only time does. */
  async forceFlush(): Promise<boolean> {
    const { forceFlush } = this.#endpoints;
    if (forceFlush === undefined) return false;
    const response = await this.#fetch(forceFlush, {});
    await response.arrayBuffer();
    return true;
  }

  /** What a single server says of itself, in Prometheus text; undefined for a cluster. */
  async metrics(): Promise<string | undefined> {
    const { metrics } = this.#endpoints;
    return metrics === undefined ? undefined : (await this.#fetch(metrics, {})).text();
  }

  #post(url: string, parameters: Parameters): Promise<Response> {
    return this.#fetch(url, { method: "POST", body: new URLSearchParams(parameters) });
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const response = await fetch(url, {
      ...init,
      headers: this.#headers,
      signal: AbortSignal.any([AbortSignal.timeout(REQUEST_MS_MAX), ...(this.#signal ? [this.#signal] : [])]),
    }).catch((error: unknown) => {
      throw new StoreAwayError(`VictoriaMetrics does not answer: ${causeOf(error)}`);
    });
    if (response.ok) return response;
    const text = (await response.text().catch(() => "")).slice(0, 512);
    throw new StoreAwayError(`VictoriaMetrics answers ${response.status}: ${text}`);
  }
}

/** In seconds, and half a millisecond on top: the server cuts off what lies below a millisecond. */
function instant(time: Timestamp): string {
  return String((time + 0.5) / 1000);
}

const range = (from: Timestamp, to: Timestamp): Parameters => ({
  start: instant(from),
  end: instant(to - 1),
});

/** `fetch failed` says nothing; its cause does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error
    ? cause.message || String((cause as NodeJS.ErrnoException).code)
    : String(cause);
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  const body = response.body ?? [];
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    throw new StoreAwayError(`VictoriaMetrics broke off its answer: ${causeOf(error)}`);
  }
  if (rest !== "") yield rest;
}
