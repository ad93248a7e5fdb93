/** What every place for backups keeps to. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Place } from "../places.ts";

const NAME = "campus-ops-20261122T183005Z.tar.zst.age";

/** Registers tests; `folder` and `open` are asked when they run. The place is empty before and after. */
export function keepsBackups(folder: () => string, open: () => Place): void {
  const { signal } = new AbortController();

  test("keeps what is brought, lists it, gives it back, and forgets it", async () => {
    const place = open();
    const file = join(folder(), NAME);
    writeFileSync(file, "one");
    expect(await place.list(signal)).toEqual([]);
    await place.put(file, signal);
    writeFileSync(file, "two");
    await place.put(file, signal);
    expect(await place.list(signal)).toEqual([NAME]);
    await place.get(NAME, join(folder(), "fetched"), signal);
    expect(readFileSync(join(folder(), "fetched"), "utf8")).toBe("two");
    await place.remove(NAME, signal);
    expect(await place.list(signal)).toEqual([]);
  });

  test("says what it could not give", async () => {
    await expect(
      open().get("campus-ops-20200101T000000Z.tar.zst.age", join(folder(), "no"), signal),
    ).rejects.toThrow(/no such file|not found/i);
  });
}
