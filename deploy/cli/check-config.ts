/** `campus-ops check-config`: says what is wrong before anything runs. */
import { resolve } from "node:path";
import { readHubConfiguration } from "./hub-configuration.ts";

/** What was found, for a person. Throws what the operator must mend. */
export function checkConfiguration(file: string): string {
  const config = resolve(file);
  const { edges } = readHubConfiguration(config);
  return [config, ...edges].map((each) => `${each}: readable`).join("\n");
}
