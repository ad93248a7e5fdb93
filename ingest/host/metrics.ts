/** What ingest counts, for Prometheus. */
import { Counter, Gauge, Histogram, type Registry } from "@campus-ops/service";

export interface IngestMetrics {
  readonly entries: Counter<"kind">;
  readonly samples: Counter;
  readonly duplicates: Counter;
  readonly disputes: Counter;
  readonly twins: Counter;
  readonly malformed: Counter;
  readonly discarded: Counter<"reason">;
  readonly rebirths: Counter<"reason">;
  readonly refused: Counter;
  readonly withheld: Counter;
  readonly leftOut: Counter;
  readonly acknowledgements: Counter;
  readonly acknowledgeSeconds: Histogram;
  readonly commands: Counter<"state">;
  readonly pictures: Counter<"what">;
}

export function ingestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name: `campus_ops_ingest_${name}_total`, help, labelNames, registers });
  return {
    entries: counter("entries", "Messages handed to the journal, by kind", ["kind"]),
    samples: counter("samples", "Samples and events projected into the registry"),
    duplicates: counter("duplicates", "Records that the journal held already"),
    disputes: counter(
      "disputes",
      "Births and records of an outbox that is older than what the journal holds",
    ),
    twins: counter("twins", "Births of one of two boxes with one identity"),
    malformed: counter("malformed", "Payloads that were no Sparkplug B, set aside"),
    discarded: counter("discarded", "Messages out of place: not journaled, not acknowledged", ["reason"]),
    rebirths: counter("rebirths_requested", "Rebirths requested from edge nodes", ["reason"]),
    refused: counter("journal_refused", "Appends that the journal refused"),
    withheld: counter(
      "withheld",
      "Messages not taken in for want of disk or of time; their senders keep them",
    ),
    leftOut: counter(
      "left_out_samples",
      "Samples lost because more came than the hub can take, of nodes that do not number what they send",
    ),
    acknowledgements: counter("acknowledgements", "Acknowledgement messages sent"),
    acknowledgeSeconds: new Histogram({
      name: "campus_ops_ingest_acknowledge_seconds",
      help: "From the receipt of a record to its acknowledgement",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    }),
    commands: counter("commands", "Commands asked for, by what became of them at once", ["state"]),
    pictures: counter("picture_messages", "Parts of pictures and refusals, by what became of them", ["what"]),
  };
}

/** A gauge whose value is asked for when it is read. */
export function observed(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name: `campus_ops_ingest_${name}`,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
