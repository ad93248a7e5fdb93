/** Whether a data folder that a demonstration runs in has been a hub of somebody's own as well. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What `campus-ops init` and `accounts add` make, and no demonstration does. */
const TRACES: readonly string[] = ["accounts.sqlite", "pki", "configuration"];

/** The names of what was found; none in a folder that only ever held a demonstration. */
export function ownHubTraces(data: string): readonly string[] {
  return TRACES.filter((name) => existsSync(join(data, name)));
}
