/** Names of backups, and which of them are kept. Pure. */

const NAME = /^campus-ops-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.tar\.zst\.age$/;

export interface Keep {
  /** So many of the newest. */
  readonly last: number;
  /** And the newest of each of so many months, by UTC. */
  readonly months: number;
}

/** `at` in milliseconds since the Unix epoch; names sort as their times do. */
export function backupName(at: number): string {
  const time = new Date(at).toISOString().replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `campus-ops-${time}.tar.zst.age`;
}

export function isBackup(name: string): boolean {
  return NAME.test(name);
}

/** The names that may go: what is no backup of ours is never among them. */
export function toRemove(names: readonly string[], { last, months }: Keep): readonly string[] {
  const newestFirst = names.filter(isBackup).sort().reverse();
  const kept = new Set(newestFirst.slice(0, last));
  const ofMonths = new Map<string, string>();
  for (const name of newestFirst) {
    const month = NAME.exec(name)?.slice(1, 3).join("-") ?? "";
    if (!ofMonths.has(month) && ofMonths.size < months) ofMonths.set(month, name);
  }
  for (const name of ofMonths.values()) kept.add(name);
  return newestFirst.filter((name) => !kept.has(name));
}
