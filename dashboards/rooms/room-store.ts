/** Scenes that were saved, and every run of one with its results, in `rooms.sqlite`: the record of use of central control. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AssetPath, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import { openDatabase } from "@campus-ops/service/database";
import type { RoomItem, RoomRun, SceneView } from "./api.ts";

export const SCENES_MAX = 1_000;
/** Records of use are kept longer than the six months that the bureaus ask for. */
const RUNS_KEPT_MS = 400 * 24 * 3_600_000;

const VERSIONS = [
  `CREATE TABLE scenes (id INTEGER PRIMARY KEY, path TEXT NOT NULL, scene TEXT NOT NULL) STRICT;
   CREATE TABLE runs (
     id INTEGER PRIMARY KEY, path TEXT NOT NULL, startedAt INTEGER NOT NULL, run TEXT NOT NULL, items TEXT NOT NULL) STRICT;
   CREATE INDEX runsByTime ON runs (startedAt);`,
] as const;

type SavedScene = Pick<SceneView, "title" | "path" | "settings">;

export class RoomStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** What ran when the hub stopped did not go on: what was not sent by then never was. */
  constructor(file: string, now: Timestamp) {
    this.#db = openDatabase(file, VERSIONS);
    this.#statement("DELETE FROM runs WHERE startedAt < ?").run(now - RUNS_KEPT_MS);
    for (const run of this.#runs("WHERE json_extract(run, '$.state') = 'running'")) {
      this.save({ ...run, state: "cancelled", endedAt: now, items: run.items.map(interrupted) });
    }
  }

  close(): void {
    this.#db.close();
  }

  scenes(): readonly SceneView[] {
    return this.#statement("SELECT id, scene FROM scenes ORDER BY id")
      .all()
      .map(({ id, scene }) => ({
        ...(JSON.parse(String(scene)) as SavedScene),
        id: String(id),
        builtIn: false,
      }));
  }

  /** Undefined when there are as many as are kept. */
  addScene(scene: SavedScene): SceneView | undefined {
    if (this.scenes().length >= SCENES_MAX) return undefined;
    const { path, title, settings } = scene;
    const { lastInsertRowid } = this.#statement("INSERT INTO scenes (path, scene) VALUES (?, ?)").run(
      path,
      JSON.stringify({ path, title, settings }),
    );
    return { path, title, settings, id: String(lastInsertRowid), builtIn: false };
  }

  removeScene(id: string): void {
    this.#statement("DELETE FROM scenes WHERE id = ?").run(id);
  }

  begin(run: Omit<RoomRun, "id">): RoomRun {
    const { items, ...rest } = run;
    const { lastInsertRowid } = this.#statement(
      "INSERT INTO runs (path, startedAt, run, items) VALUES (?, ?, ?, ?)",
    ).run(run.path, run.startedAt, JSON.stringify(rest), JSON.stringify(items));
    return { ...run, id: Number(lastInsertRowid) };
  }

  save({ id, items, ...rest }: RoomRun): void {
    this.#statement("UPDATE runs SET run = ?, items = ? WHERE id = ?").run(
      JSON.stringify(rest),
      JSON.stringify(items),
      id,
    );
  }

  run(id: number): RoomRun | undefined {
    return this.#runs("WHERE id = ?", id)[0];
  }

  /** The newest first, from before the run of that number. */
  runs(
    sees: (path: AssetPath) => boolean,
    limit: number,
    before = Number.MAX_SAFE_INTEGER,
  ): readonly RoomRun[] {
    const runs: RoomRun[] = [];
    const statement = this.#statement("SELECT * FROM runs WHERE id < ? ORDER BY id DESC");
    for (const row of statement.iterate(before)) {
      if (!sees(String(row.path))) continue;
      runs.push(runOf(row));
      if (runs.length === limit) break;
    }
    return runs;
  }

  #runs(where: string, ...values: readonly number[]): readonly RoomRun[] {
    return this.#statement(`SELECT * FROM runs ${where}`)
      .all(...values)
      .map(runOf);
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }
}

function runOf({ id, run, items }: Record<string, unknown>): RoomRun {
  return {
    ...(JSON.parse(String(run)) as Omit<RoomRun, "id" | "items">),
    id: Number(id),
    items: JSON.parse(String(items)) as readonly RoomItem[],
  };
}

function interrupted(item: RoomItem): RoomItem {
  if (item.state === "waiting") return { ...item, state: "cancelled", detail: "the hub stopped" };
  return item.state === "requested" ? { ...item, state: "unknown", detail: "the hub stopped" } : item;
}
