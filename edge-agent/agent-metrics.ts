/** The agent's Prometheus metrics, read from its parts when somebody asks. */
import { DATA_CLASSES } from "@campus-ops/device-profiles/vocabulary";
import { createMetrics, Gauge, type Registry } from "@campus-ops/service";
import type { Agent } from "./agent.ts";

const REFUSALS = [
  "unknown-metric",
  "wrong-type",
  "too-many-metrics",
  "unknown-event",
  "wrong-fields",
  "repeated",
] as const;

const RELOADS = ["applied", "unchanged", "refused"] as const;

export function agentMetrics(agent: Agent, name: string): Registry {
  const registry = createMetrics(name);
  const number = (metric: string, help: string, read: () => number): void => {
    new Gauge({
      name: metric,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  const perClass = (metric: string, help: string, read: "records" | "bytes"): void => {
    new Gauge({
      name: metric,
      help,
      labelNames: ["class"],
      registers: [registry],
      collect() {
        const { perClass: usage } = agent.outbox.stats();
        for (const each of DATA_CLASSES) this.set({ class: each }, usage[each][read]);
      },
    });
  };
  perClass("campus_ops_edge_outbox_records", "Records not yet acknowledged", "records");
  perClass("campus_ops_edge_outbox_bytes", "Bytes of records not yet acknowledged", "bytes");
  number("campus_ops_edge_outbox_commits_total", "Durable commits", () => agent.outbox.commits);
  number(
    "campus_ops_edge_samples_total",
    "Samples numbered in this epoch",
    () => agent.outbox.stats().samples,
  );
  number(
    "campus_ops_edge_lost_samples_total",
    "Samples given up in this epoch",
    () => agent.outbox.stats().lostSamples,
  );
  number(
    "campus_ops_edge_sent_records_total",
    "Records sent, repeats included",
    () => agent.sender.stats().sent,
  );
  number(
    "campus_ops_edge_sent_historical_records_total",
    "Records sent as backlog",
    () => agent.sender.stats().sentHistorical,
  );
  number(
    "campus_ops_edge_acknowledged_records_total",
    "Records acknowledged",
    () => agent.sender.stats().acknowledged,
  );
  number(
    "campus_ops_edge_overdue_records_total",
    "Records not acknowledged in time",
    () => agent.sender.stats().overdue,
  );
  number(
    "campus_ops_edge_in_flight_records",
    "Records sent and not yet acknowledged",
    () => agent.sender.stats().inFlight,
  );
  number("campus_ops_edge_births_total", "Births of the node", () => agent.node.births);
  number("campus_ops_edge_born", "1 while the node is in session with its host", () =>
    agent.node.born ? 1 : 0,
  );
  number(
    "campus_ops_edge_malformed_messages_total",
    "Messages that could not be read",
    () => agent.malformed,
  );
  new Gauge({
    name: "campus_ops_edge_pictures_total",
    help: "Pictures that the hub asked for, by what came of it",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      for (const [outcome, count] of agent.pictures.answers) this.set({ outcome }, count);
    },
  });
  new Gauge({
    name: "campus_ops_edge_configuration_reloads_total",
    help: "Configurations read while the agent ran, by what became of them; a refused one changed nothing",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      for (const outcome of RELOADS) this.set({ outcome }, agent.reloads(outcome));
    },
  });
  perDevice(agent, registry);
  return registry;
}

function perDevice(agent: Agent, registry: Registry): void {
  new Gauge({
    name: "campus_ops_edge_device_online",
    help: "1 while the device answers",
    labelNames: ["device"],
    registers: [registry],
    collect() {
      for (const { id, model } of agent.devices()) this.set({ device: id }, model.online ? 1 : 0);
    },
  });
  new Gauge({
    name: "campus_ops_edge_clip_bytes",
    help: "What the last minute of a camera's stream takes of the memory",
    labelNames: ["device"],
    registers: [registry],
    collect() {
      for (const { clips, id } of agent.devices())
        if (clips !== undefined) this.set({ device: id }, clips.heldBytes);
    },
  });
  new Gauge({
    name: "campus_ops_edge_clip_overflows_total",
    help: "Pieces of a camera's stream that went before their minute was over, for lack of room",
    labelNames: ["device"],
    registers: [registry],
    collect() {
      for (const { clips, id } of agent.devices())
        if (clips !== undefined) this.set({ device: id }, clips.overflows);
    },
  });
  new Gauge({
    name: "campus_ops_edge_device_failures_total",
    help: "Failed exchanges by kind",
    labelNames: ["device", "kind"],
    registers: [registry],
    collect() {
      for (const { failures, id } of agent.devices()) {
        for (const [kind, count] of failures) this.set({ device: id, kind }, count);
      }
    },
  });
  new Gauge({
    name: "campus_ops_edge_device_refused_total",
    help: "What a device's driver brought and the dictionary does not know, or that was brought before",
    labelNames: ["device", "reason"],
    registers: [registry],
    collect() {
      for (const { id, model } of agent.devices()) {
        for (const reason of REFUSALS) {
          const count = model.refused(reason);
          if (count > 0) this.set({ device: id, reason }, count);
        }
      }
    },
  });
}
