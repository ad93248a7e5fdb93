import { collectDefaultMetrics, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A process's own Prometheus registry, with the default Node metrics, every series labelled with the process. */
export function createMetrics(process_: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process: process_ });
  collectDefaultMetrics({ register: registry });
  return registry;
}
