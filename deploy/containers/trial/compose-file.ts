/** The compose files that are tried, as a program reads them. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const SCALE_OUT = "deploy/compose/scale-out.yaml";
export const ONE_HOST = "deploy/compose/one-host.yaml";

export interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
}

export const servicesOf = (file: string): Readonly<Record<string, Service>> =>
  (parse(readFileSync(join(ROOT, file), "utf8"), { merge: true }) as { services: Record<string, Service> })
    .services;

/** What they ask for unless the operator says another version, but for those that only the profile of figures starts. */
export const composeImages = (files: readonly string[] = [SCALE_OUT, ONE_HOST]): readonly string[] =>
  files
    .flatMap((file) => Object.values(servicesOf(file)))
    .filter(({ profiles }) => profiles?.includes("figures") !== true)
    .map(({ image }) => image.replace(/\$\{\w+:-([^}]+)\}/, "$1"));
