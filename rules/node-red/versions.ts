/** Every deployed version of the flows, in a file of its own: what was changed can be looked up and put back. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const VERSIONS_MAX = 100;

/** Keeps `flows` unless it is the newest version already; answers with its file. */
export function keepVersion(folder: string, flows: unknown, now: number): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const text = `${JSON.stringify(flows, undefined, 2)}\n`;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const versions = versionsIn(folder);
  const newest = versions.at(-1);
  if (newest?.endsWith(`-${digest}.json`) === true) return join(folder, newest);
  const time = new Date(now)
    .toISOString()
    .replaceAll(":", "")
    .replace(/\.\d+Z$/, "Z");
  const name = `${time}-${digest}.json`;
  if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), text, { mode: 0o600 });
  for (const old of versionsIn(folder).slice(0, -VERSIONS_MAX)) rmSync(join(folder, old));
  return join(folder, name);
}

/** The oldest first. */
export function versionsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{12}\.json$/.test(name))
    .sort();
}
