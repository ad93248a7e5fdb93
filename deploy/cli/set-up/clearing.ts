/**
 * Clearing the demonstration away. What it made is moved aside first and deleted once the page of the first start is there, and
 * a note says how far that has come:
 *
 *     set-up.json                 { state: "clearing" } from the moment it was decided, "cleared" once everything is aside
 *     cleared/<n>/                what was moved aside
 *     configuration/hub.yaml      the hub that is made afterwards
 *
 * Whatever ends the machine in between: before the note it is the old hub, after it the next start goes on with clearing.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

export type Clearing = "clearing" | "cleared";

const NOTE = "set-up.json";
const ASIDE = "cleared";

/** Where the page of the first start writes a hub's configuration. */
export const ownConfiguration = (data: string): string => join(data, "configuration", "hub.yaml");

/** Undefined for a folder whose demonstration was never cleared. */
export function clearingOf(data: string): Clearing | undefined {
  const file = join(data, NOTE);
  if (!existsSync(file)) return undefined;
  const { state } = JSON.parse(readFileSync(file, "utf8")) as { readonly state: Clearing };
  return state;
}

/** From here on there is no way back to the demonstration. */
export function beginClearing(data: string): void {
  note(data, "clearing");
}

/** Goes on where an earlier attempt ended, and does nothing where there is nothing to clear. Call it with the lock held. */
export function moveAside(data: string, rename: typeof renameSync = renameSync): void {
  if (clearingOf(data) !== "clearing") return;
  const aside = join(data, ASIDE);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  // A folder of its own for each attempt: a part that outlived its supervisor may have made a file anew.
  const folder = join(aside, String(readdirSync(aside).length));
  mkdirSync(folder, { mode: 0o700 });
  for (const name of readdirSync(data)) if (!stays(name)) rename(join(data, name), join(folder, name));
  note(data, "cleared");
}

export async function deleteAside(data: string): Promise<void> {
  await rm(join(data, ASIDE), { recursive: true, force: true });
}

/** The audit trail with its key, and what the supervisor itself holds open. */
function stays(name: string): boolean {
  if ([NOTE, `${NOTE}.new`, ASIDE, "logs", "run"].includes(name)) return true;
  return name.startsWith("audit.") || name.startsWith("hub.lock") || name === "hub.pid";
}

function note(data: string, state: Clearing): void {
  const file = join(data, NOTE);
  const descriptor = openSync(`${file}.new`, "w", 0o600);
  try {
    writeSync(descriptor, JSON.stringify({ state }));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${file}.new`, file);
}
