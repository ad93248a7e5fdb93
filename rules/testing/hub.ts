/** A hub around the rules process, for its tests: a real journal, a real child process, a real socket. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type JournalEntry,
  type JournalWriter,
  type NewEntry,
  openJournalWriter,
} from "@campus-ops/broker/journal";
import { openJetStreamWriter } from "@campus-ops/broker/journal/jetstream";
import { journalPlace, openReaderAt } from "@campus-ops/broker/journal/place";
import { encodePayload, eventToMetric, type Metric, sampleToMetric } from "@campus-ops/broker/sparkplug";
import {
  type Address,
  CampusId,
  DeviceId,
  GOOD,
  NodeId,
  type SampleValue,
} from "@campus-ops/device-profiles/vocabulary";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { loadConfiguration } from "../configuration.ts";

const STREAM = "RULES_TEST";
const fail = (...what: unknown[]): never => {
  throw new Error(`the journal cannot be read: ${what.join(" ")}`);
};

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export const SITE = `site:
  city: { code: '990100', title: { zh: 临岚市, en: Linlan } }
  counties:
    - code: '990101'
      title: { zh: 栖云县, en: Qiyun }
      campuses: [{ id: school, title: { zh: 第一小学, en: No. 1 } }]
`;

export type Entry = Omit<NewEntry, "receivedAt">;

export function address(device?: string): Address {
  const box = { campus: CampusId("school"), node: NodeId("box-1") };
  return device === undefined ? box : { ...box, device: DeviceId(device) };
}

export function birth(
  device: string | undefined,
  at: number,
  values: Readonly<Record<string, SampleValue>>,
): Entry {
  const metrics = Object.entries(values).map(([name, value]) => sampleMetric(name, value, at));
  const kind = device === undefined ? "NBIRTH" : "DBIRTH";
  return { kind, address: address(device), payload: encodePayload({ timestamp: at, seq: 0, metrics }) };
}

export function data(device: string, at: number, values: Readonly<Record<string, SampleValue>>): Entry {
  const metrics = Object.entries(values).map(([name, value]) => sampleMetric(name, value, at));
  return {
    kind: "DDATA",
    address: address(device),
    payload: encodePayload({ timestamp: at, seq: 0, metrics }),
  };
}

export function event(
  device: string,
  at: number,
  name: string,
  id: string,
  fields: Record<string, SampleValue>,
): Entry {
  const metrics = [eventToMetric({ event: name, id, eventTime: at, quality: GOOD, fields })];
  return {
    kind: "DDATA",
    address: address(device),
    payload: encodePayload({ timestamp: at, seq: 0, metrics }),
  };
}

function sampleMetric(name: string, value: SampleValue, at: number): Metric {
  return sampleToMetric({ metric: name, value, quality: GOOD, eventTime: at });
}

export const CLOCK: Entry = { kind: "CLOCK", payload: new Uint8Array() };

export class Hub {
  readonly folder = mkdtempSync(join(tmpdir(), "rules-"));
  readonly data = join(this.folder, "data");
  readonly configuration = join(this.folder, "hub.yaml");
  readonly journal: JournalWriter;
  readonly client: SocketClient = socketClient(socketPath(join(this.folder, "run"), "rules"));
  #child: ChildProcess | undefined;

  /** `sections` of its hub.yaml, beside the site; a journal of its own unless one is given. */
  constructor(sections = "", journal?: JournalWriter) {
    mkdirSync(this.data);
    writeFileSync(this.configuration, SITE + sections);
    this.journal = journal ?? openJournalWriter(join(this.data, "journal"));
  }

  static async onJetStream(url: string): Promise<Hub> {
    const journal = await openJetStreamWriter({ url, stream: STREAM });
    return new Hub(`journal: { kind: jetstream, url: '${url}', stream: ${STREAM} }\n`, journal);
  }

  /** All that the journal holds. */
  async entries(): Promise<readonly JournalEntry[]> {
    const { journal } = loadConfiguration(this.configuration);
    const place = journalPlace(journal, this.configuration, this.data);
    const never = new AbortController().signal;
    const reader = await openReaderAt(place, never, { onAway: fail, onUnreadable: fail });
    const entries = await reader.read(0, 1_000_000);
    await reader.close();
    return entries;
  }

  /** Starts the process. Resolves when it says that it is ready; else with its exit code and what it logged. */
  start(): Promise<
    { readonly ready: true } | { readonly ready: false; readonly code: number; readonly log: string }
  > {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        CAMPUS_OPS_CONFIG: this.configuration,
        CAMPUS_OPS_DATA: this.data,
        CAMPUS_OPS_RUN: join(this.folder, "run"),
        CAMPUS_OPS_LOG_LEVEL: "info",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    return new Promise((resolve) => {
      let log = "";
      const lines = createInterface({ input: child.stdout });
      lines.on("line", (line) => {
        log += `${line}\n`;
        if (line.includes('"ready":true')) resolve({ ready: true });
      });
      child.once("close", (code) => resolve({ ready: false, code: code ?? -1, log }));
    });
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    await closed;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.client.fetch(path)).json()) as T;
  }

  async post(
    path: string,
    body: object,
  ): Promise<{ status: number; type: string | null; body: Record<string, unknown> }> {
    const response = await this.client.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const type = response.headers.get("content-type");
    return { status: response.status, type, body: (await response.json()) as Record<string, unknown> };
  }

  /** Server-sent events from `after` until `enough`, or until the process is gone. */
  async *events(after: number): AsyncGenerator<{ readonly id: number; readonly data: string }> {
    const response = await this.client.fetch(`/stream?after=${after}`);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const frame = text.slice(0, end);
        text = text.slice(end + 2);
        const id = /^id: (\d+)$/m.exec(frame)?.[1];
        const body = /^data: (.*)$/m.exec(frame)?.[1];
        if (id !== undefined && body !== undefined) yield { id: Number(id), data: body };
      }
    }
  }

  async close(): Promise<void> {
    await this.end("SIGTERM");
    await this.client.close();
    await this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
