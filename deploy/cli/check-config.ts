/** `campus-ops check-config`: every process's own look at the configuration, before anything runs. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { loadBrokerConfiguration } from "@campus-ops/broker/configuration";
import { loadConfiguration as loadDashboardsConfiguration } from "@campus-ops/dashboards/configuration";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { loadConfiguration as loadEdgeConfiguration } from "@campus-ops/edge-agent/configuration";
import { loadConfiguration as loadIngestConfiguration } from "@campus-ops/ingest/configuration";
import { loadConfiguration as loadRulesConfiguration } from "@campus-ops/rules/configuration";
import { OperatorError, type Overlay } from "@campus-ops/service";
import { readBackupPlan } from "../backup/configuration.ts";
import { loadEnrolmentConfiguration } from "../pki/configuration.ts";
import { readHubConfiguration } from "./hub-configuration.ts";
import { isForTheOperator, toldIn } from "./operator-errors.ts";

/**
 * What was found, for a person. `overlays`: what was changed in the hub's console, which counts as `hub.yaml` does. Throws an
 * {@link OperatorError} with everything that is wrong.
 */
export function checkConfiguration(file: string, overlays: readonly Overlay[] = []): string {
  const config = resolve(file);
  const { edges, broker, brokerSecrets } = readHubConfiguration(config);
  const missing = brokerSecrets.filter((secret) => !existsSync(secret));
  const looks: readonly (() => unknown)[] = [
    // A password that is made at the first start cannot be checked before it.
    ...(broker === "external" || missing.length > 0 ? [] : [() => loadBrokerConfiguration(config)]),
    () => loadIngestConfiguration(config, overlays),
    () => loadRulesConfiguration(config, overlays),
    () => loadDashboardsConfiguration(config, overlays),
    () => readBackupPlan(config, overlays),
    () => loadEnrolmentConfiguration(config),
    ...(missing.length > 0 ? [] : edges.map((edge) => () => loadEdgeConfiguration(edge))),
  ];
  const errors = looks.flatMap((look) => errorOf(look));
  if (errors.length > 0) throw new OperatorError(together(errors, "en"), { zh: together(errors, "zh") });
  return [
    ...[config, ...edges, ...overlays.map((each) => each.file)].map((each) => `${each}: in order`),
    ...missing.map((each) => `${each}: does not exist yet; the first start makes it`),
  ].join("\n");
}

/** Each once: what all processes read is wrong for all of them. */
const together = (errors: readonly Error[], language: Language): string =>
  [...new Set(errors.flatMap((error) => toldIn(language, error).split("\n")))].join("\n");

function errorOf(look: () => unknown): readonly Error[] {
  try {
    look();
    return [];
  } catch (error) {
    if (!isForTheOperator(error)) throw error;
    return [error];
  }
}
