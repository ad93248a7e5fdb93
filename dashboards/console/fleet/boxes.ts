import type { NodeView } from "@campus-ops/ingest/api";
import type { PlainValue } from "../format/value.ts";

export function edgeValue({ metrics }: NodeView, name: string): PlainValue {
  return metrics.find((metric) => metric.name === name)?.value ?? null;
}

/** The hub itself speaks as a node too, and is no box. */
export const isBox = (node: NodeView): boolean => edgeValue(node, "Properties/Class") !== "hub";

/** Made from the image: it takes bundles. Others are updated by their package manager. */
export const takesBundles = (node: NodeView): boolean => edgeValue(node, "Update/Install") !== null;

/** The system's where it says one, otherwise the program's. */
export function versionOf(node: NodeView): string {
  const system = edgeValue(node, "Update/System");
  const version = system === null || system === "" ? edgeValue(node, "Edge/Version") : system;
  return version === null ? "" : String(version);
}
