/** A system that has its records at an address, and tells what has changed since. */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { encodeGb18030 } from "../../codecs/china-text.ts";
import { formatCsv } from "../../codecs/csv.ts";
import type { PullProfile } from "../../profiles/pull-profile.ts";
import { type MutableRecord, RecordSource } from "../record-source.ts";
import {
  checkFault,
  REBOOTING_TCP_FAULTS,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";

const RECORDS_MAX = 1_000;

const FAULTS: readonly SimulatedFault[] = [
  ...REBOOTING_TCP_FAULTS.filter((fault) => fault !== "late-replies"),
  "clock-1970",
  "clock-ahead",
  "local-time",
  "counter-reset",
  "stuck",
  "sentinel",
  "lockout",
  "mislabelled-text",
];

export async function startPullSimulator(
  profile: PullProfile,
  { now = Date.now, port = 0, secret, username }: SimulatorOptions = {},
): Promise<SimulatedDevice> {
  const source = new RecordSource(profile.id, profile.mappings, now);
  let records: MutableRecord[] = [];
  let fault: SimulatedFault | null = null;
  const login =
    username === undefined
      ? `Bearer ${secret}`
      : `Basic ${Buffer.from(`${username}:${secret ?? ""}`).toString("base64")}`;
  const http = createServer((request, response) => {
    if (fault === "lockout" || (secret !== undefined && request.headers.authorization !== login)) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return;
    }
    const document = documentOf(profile, source.hasStates ? source.states() : records, fault);
    const etag = `"${createHash("sha256").update(document).digest("hex").slice(0, 16)}"`;
    if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
    // As a web server that was never told what it serves.
    else response.writeHead(200, { etag, "content-type": "text/plain; charset=utf-8" }).end(document);
  });
  const server = new FaultableTcpServer((socket) => http.emit("connection", socket));
  await server.listen(port);
  let isBroken = false;
  return {
    url: `http://127.0.0.1:${server.port}/records`,
    set: (metric, value) => source.set(metric, value),
    get: (metric) => source.get(metric),
    raise: (event, fields) => {
      records = [...records, source.happening(event, fields)].slice(-RECORDS_MAX);
    },
    faults: FAULTS,
    fault: async (next) => {
      checkFault(next, FAULTS);
      fault = next;
      source.fault = next;
      if (next === "counter-reset") {
        source.resetSerial();
        records = [];
      }
      const breaks = next !== null && REBOOTING_TCP_FAULTS.some((each) => each === next);
      if (breaks || isBroken) await server.fault(breaks ? next : null);
      isBroken = breaks;
    },
    close: () => server.close(),
  };
}

function documentOf(
  profile: PullProfile,
  records: readonly MutableRecord[],
  fault: SimulatedFault | null,
): Uint8Array {
  const text =
    profile.format === "json"
      ? JSON.stringify(profile.records === undefined ? records : { [profile.records]: records })
      : formatCsv(
          records.map((record) =>
            Object.fromEntries(Object.entries(record).map(([name, value]) => [name, String(value ?? "")])),
          ),
        );
  return fault === "mislabelled-text" ? encodeGb18030(text) : new TextEncoder().encode(text);
}
