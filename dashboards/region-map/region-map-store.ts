/** The customer's map, in `region-map.sqlite`: one row, of what is drawn. */
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "@campus-ops/service/database";
import type { RegionMapView } from "./api.ts";

const VERSIONS = [
  "CREATE TABLE IF NOT EXISTS map (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL) STRICT;",
] as const;

export class RegionMapStore {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = openDatabase(file, VERSIONS);
  }

  get(): RegionMapView | undefined {
    const row = this.#db.prepare("SELECT json FROM map").get();
    return row === undefined ? undefined : (JSON.parse(String(row.json)) as RegionMapView);
  }

  put(map: RegionMapView): void {
    this.#db.prepare("INSERT OR REPLACE INTO map VALUES (1, ?)").run(JSON.stringify(map));
  }

  remove(): void {
    this.#db.exec("DELETE FROM map");
  }

  close(): void {
    this.#db.close();
  }
}
