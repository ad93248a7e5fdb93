/**
 * Requests to an InfluxDB through its own client, which is told to keep and retry nothing: the journal is the buffer.
 * Its own buffer is memory only, drops the oldest when full, and drops a batch that is refused.
 */
import { HttpError, InfluxDB, type Transport, type WriteApi } from "@influxdata/influxdb-client";
import { StoreAwayError } from "../store.ts";
import { authorization, type InfluxDbAddress, queryPath, writePath } from "./addressing.ts";
import type { InfluxSeries } from "./influxql.ts";

/** Lines in one request. A flush by the client itself would swallow its error, so its own limits lie beyond ours. */
export const LINES_PER_REQUEST_MAX = 10_000;
const REQUEST_MS_MAX = 30_000;

/** The server read the lines and took some or none of them: another try will end the same. */
export class RefusedLinesError extends Error {
  override readonly name = "RefusedLinesError";
}

export class InfluxDbClient {
  readonly #address: InfluxDbAddress;
  readonly #transport: Transport;
  readonly #writer: WriteApi;
  readonly #signal: AbortSignal | undefined;

  constructor(address: InfluxDbAddress, signal?: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
    const connection = { url: address.url, timeout: REQUEST_MS_MAX, headers: { ...authorization(address) } };
    const { transport } = new InfluxDB(connection);
    this.#transport = transport;
    const client = new InfluxDB({ ...connection, transport: strict(transport, signal) });
    this.#writer = client.getWriteApi("", "", "ms", {
      batchSize: LINES_PER_REQUEST_MAX + 1,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      maxRetries: 0,
      flushInterval: 0,
      gzipThreshold: Number.MAX_SAFE_INTEGER,
      writeFailed: (error) => Promise.reject(error),
    });
    this.#writer.path = writePath(address);
  }

  /** At most {@link LINES_PER_REQUEST_MAX}. Throws {@link RefusedLinesError} or {@link StoreAwayError}. */
  async write(lines: readonly string[]): Promise<void> {
    this.#writer.writeRecords([...lines]);
    try {
      await this.#writer.flush();
    } catch (error) {
      if (error instanceof HttpError && isRefusal(error.statusCode))
        throw new RefusedLinesError(messageOf(error));
      throw new StoreAwayError(`InfluxDB does not take points: ${messageOf(error)}`);
    }
  }

  /** One InfluxQL statement. */
  async query(statement: string): Promise<readonly InfluxSeries[]> {
    const answer = (await this.#post(
      queryPath(this.#address),
      new URLSearchParams({ q: statement }).toString(),
      "application/x-www-form-urlencoded",
    )) as QueryAnswer;
    const [result] = answer.results;
    if (result?.error !== undefined) throw new StoreAwayError(`InfluxDB: ${result.error}`);
    return result?.series ?? [];
  }

  /** Deletes one measurement's points before a time, by the API of 2.x. */
  async delete(path: string, measurement: string, before: number): Promise<void> {
    const predicate = `_measurement=${JSON.stringify(measurement)}`;
    const body = { start: new Date(0).toISOString(), stop: new Date(before).toISOString(), predicate };
    await this.#post(path, JSON.stringify(body), "application/json");
  }

  dispose(): void {
    this.#writer.dispose();
  }

  async #post(path: string, body: string, type: string): Promise<unknown> {
    try {
      return (await this.#transport.request(path, body, {
        method: "POST",
        headers: { "content-type": type, accept: "application/json" },
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      })) as unknown;
    } catch (error) {
      throw new StoreAwayError(`InfluxDB does not answer: ${messageOf(error)}`);
    }
  }
}

interface QueryAnswer {
  readonly results: readonly { readonly error?: string; readonly series?: readonly InfluxSeries[] }[];
}

/** 401, 403, 404 and 429 are about the whole request: a person, or time, will mend them. */
function isRefusal(status: number): boolean {
  return status === 400 || status === 413 || status === 422;
}

function messageOf(error: unknown): string {
  if (!(error instanceof HttpError)) return error instanceof Error ? error.message : String(error);
  const { error: said, message } = (error.json ?? {}) as { error?: string; message?: string };
  return `${error.statusCode} ${said ?? message ?? error.body ?? error.message}`;
}

/**
 * For writing. A 201 says that some of the lines were taken: the client counts it as success, here it is a refusal. And
 * whoever stops does not wait for a server that is silent.
 */
function strict(transport: Transport, signal: AbortSignal | undefined): Transport {
  return {
    chunkCombiner: transport.chunkCombiner,
    request: (...request) => transport.request(...request),
    iterate: (...request) => transport.iterate(...request),
    send: (path, body, options, observer) =>
      transport.send(path, body, signal === undefined ? options : { ...options, signal }, {
        ...observer,
        responseStarted: (headers, status) =>
          observer?.responseStarted?.(headers, status === 201 ? 422 : status),
      }),
  };
}
