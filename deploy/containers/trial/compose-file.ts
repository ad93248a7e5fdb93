/** The compose file that is tried, as a program reads it. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const FILE = "deploy/compose/scale-out.yaml";

export interface Service {
  readonly image: string;
  readonly healthcheck?: { readonly test: readonly string[] };
}

export const services = (): Readonly<Record<string, Service>> =>
  (parse(readFileSync(join(ROOT, FILE), "utf8"), { merge: true }) as { services: Record<string, Service> })
    .services;

/** What it asks for unless the operator says another version. */
export const composeImages = (): readonly string[] =>
  Object.values(services()).map(({ image }) => image.replace(/\$\{\w+:-([^}]+)\}/, "$1"));
