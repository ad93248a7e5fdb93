/**
 * Server-sent events: an alarm at each of its transitions. The cursor is the number of the transition, which is on disk
 * before it is sent, so a client resumes with neither gap nor double, across restarts of either side.
 *
 * Beside them floods, which are how things are and nothing that happened: without a cursor, told to each client when it
 * comes, and again at each change.
 */
import type { ServerResponse } from "node:http";
import type { FloodView } from "../api.ts";
import type { RulesStore, StreamRow } from "../store/rules-store.ts";

/** Readers at the same time; more are refused. */
export const CLIENTS_MAX = 256;
/** Rows read at once for a client that was away or is slow. */
const PAGE_ROWS = 500;
const ALIVE_MS = 10_000;

type Rows = Pick<RulesStore, "stream" | "newestRow">;

interface Client {
  readonly response: ServerResponse;
  /** Every row up to this one has been sent. */
  sent: number;
}

export class LiveStream {
  readonly #rows: Rows;
  readonly #clients = new Set<Client>();
  readonly #alive: NodeJS.Timeout;
  readonly #floods: () => readonly FloodView[];

  constructor(rows: Rows, floods: () => readonly FloodView[] = () => []) {
    this.#rows = rows;
    this.#floods = floods;
    this.#alive = setInterval(() => {
      for (const { response } of this.#clients)
        if (!response.writableNeedDrain) response.write(": alive\n\n");
    }, ALIVE_MS);
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Without `after`, from now on. */
  add(response: ServerResponse, after: number | undefined): void {
    const client: Client = { response, sent: after ?? this.#rows.newestRow() };
    this.#clients.add(client);
    response.on("close", () => this.#clients.delete(client));
    response.on("drain", () => this.#catchUp(client));
    response.write(`: live\n\n${this.#floods().map(floodFrame).join("")}`);
    this.#catchUp(client);
  }

  /** A client that lags is told when it comes again. */
  tell(flood: FloodView): void {
    for (const { response } of this.#clients)
      if (!response.writableNeedDrain) response.write(floodFrame(flood));
  }

  /** Rows that have just been committed, in order. */
  send(rows: readonly StreamRow[]): void {
    const first = rows[0]?.id ?? 0;
    const last = rows.at(-1)?.id ?? 0;
    const frames = rows.map(frameOf).join("");
    for (const client of this.#clients) {
      // A client that lags reads from the store when its socket has drained.
      if (client.response.writableNeedDrain || client.sent !== first - 1) continue;
      client.sent = last;
      client.response.write(frames);
    }
  }

  close(): void {
    clearInterval(this.#alive);
    for (const { response } of this.#clients) response.end();
  }

  #catchUp(client: Client): void {
    while (!client.response.writableNeedDrain) {
      const rows = this.#rows.stream(client.sent, PAGE_ROWS);
      const last = rows.at(-1);
      if (last === undefined) return;
      client.sent = last.id;
      client.response.write(rows.map(frameOf).join(""));
    }
  }
}

function floodFrame(flood: FloodView): string {
  return `event: flood\ndata: ${JSON.stringify(flood)}\n\n`;
}

function frameOf({ id, view }: StreamRow): string {
  return `id: ${id}\nevent: alarm\ndata: ${JSON.stringify(view)}\n\n`;
}
