/** The hub's SQLite files, each opened as its process opens it; what of them a version of the product has is in `fixtures/`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AccountsStore } from "../../dashboards/accounts/accounts-store.ts";
import { AuditTrail } from "../../dashboards/audit/trail.ts";
import { DeviceNoteStore } from "../../dashboards/device-notes/device-note-store.ts";
import { PlanStore } from "../../dashboards/plans/plan-store.ts";
import { RegionMapStore } from "../../dashboards/region-map/region-map-store.ts";
import { RoomStore } from "../../dashboards/rooms/room-store.ts";
import { WebhookStore } from "../../dashboards/webhooks/webhook-store.ts";
import { WorkOrderStore } from "../../dashboards/work-orders/work-order-store.ts";
import { PictureShelf } from "../../ingest/pictures/shelf.ts";
import { EventProjection } from "../../ingest/projections/events.ts";
import { RegistryFile } from "../../ingest/projections/registry-file.ts";
import { RollupFile } from "../../ingest/projections/rollup-file.ts";
import { ConfirmationStore } from "../../rules/confirmations/store.ts";
import { HealthStore } from "../../rules/health/health-store.ts";
import { NoticeQueue } from "../../rules/notify/queue.ts";
import { SeriesStore } from "../../rules/series/series-store.ts";
import { ExaminationStore } from "../../rules/standards/examination-store.ts";
import { StandardsStore } from "../../rules/standards/standards-store.ts";
import { RulesStore } from "../../rules/store/rules-store.ts";
import { DayStore } from "../../rules/told/day-store.ts";
import { UseStore } from "../../rules/use/use-store.ts";
import { EnrolmentStore } from "../pki/enrolment-store.ts";
import { UpdateStore } from "../updates/update-store.ts";

const NOW = Date.UTC(2026, 0, 1);
const now = (): number => NOW;
const MONTHS = 6;

type Closeable = { close(): unknown };

/** By name; each opens the file of that name in a data folder, or makes it. */
export const DATABASES: Readonly<Record<string, (folder: string) => Closeable>> = {
  "accounts.sqlite": (folder) => new AccountsStore(join(folder, "accounts.sqlite")),
  "audit.sqlite": (folder) => new AuditTrail(join(folder, "audit.sqlite"), now, MONTHS),
  "confirmations.sqlite": (folder) => new ConfirmationStore(join(folder, "confirmations.sqlite")),
  "days.sqlite": (folder) => new DayStore(join(folder, "days.sqlite")),
  "device-notes.sqlite": (folder) => new DeviceNoteStore(join(folder, "device-notes.sqlite"), now),
  "enrolment.sqlite": (folder) => new EnrolmentStore(join(folder, "enrolment.sqlite")),
  "events.sqlite": (folder) => new EventProjection(join(folder, "events.sqlite")),
  "examinations.sqlite": (folder) => new ExaminationStore(join(folder, "examinations.sqlite")),
  "health.sqlite": (folder) => new HealthStore(join(folder, "health.sqlite")),
  "notify.sqlite": (folder) => new NoticeQueue(join(folder, "notify.sqlite"), 0),
  "pictures.sqlite": (folder) => new PictureShelf(folder),
  "plans.sqlite": (folder) => new PlanStore(join(folder, "plans.sqlite"), now),
  "region-map.sqlite": (folder) => new RegionMapStore(join(folder, "region-map.sqlite")),
  "registry.sqlite": (folder) => new RegistryFile(join(folder, "registry.sqlite")),
  "rollups.sqlite": (folder) => new RollupFile(join(folder, "rollups.sqlite")),
  "rooms.sqlite": (folder) => new RoomStore(join(folder, "rooms.sqlite"), NOW),
  "rules.sqlite": (folder) => new RulesStore(join(folder, "rules.sqlite")),
  "series.sqlite": (folder) => new SeriesStore(join(folder, "series.sqlite")),
  "standards.sqlite": (folder) => new StandardsStore(join(folder, "standards.sqlite")),
  "updates.sqlite": (folder) => new UpdateStore(join(folder, "updates.sqlite")),
  "use.sqlite": (folder) => new UseStore(join(folder, "use.sqlite")),
  "webhooks.sqlite": (folder) => new WebhookStore(join(folder, "webhooks.sqlite")),
  "work-orders.sqlite": (folder) => new WorkOrderStore(join(folder, "work-orders.sqlite"), now),
};

/** What a file is, its rows left out. */
export interface Tables {
  /** `PRAGMA user_version` */
  readonly version: number;
  /** Statements that make its tables and indexes, by their names. */
  readonly statements: Readonly<Record<string, string>>;
}

export type Fixture = Readonly<Record<string, Tables>>;

export function tablesOf(file: string): Tables {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    const rows = database
      .prepare(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .all();
    const statements = Object.fromEntries(
      rows.map(({ name, sql }) => [String(name), String(sql).replace(/--.*$/gm, "").replaceAll(/\s+/g, " ")]),
    );
    return { version, statements };
  } finally {
    database.close();
  }
}

/** Makes every file anew in an empty folder. */
export function present(folder: string): Fixture {
  return Object.fromEntries(
    Object.entries(DATABASES).map(([name, open]) => {
      open(folder).close();
      return [name, tablesOf(join(folder, name))];
    }),
  );
}

/** Makes a file as that version had it, without rows. */
export function makeAsBefore(file: string, { statements, version }: Tables): void {
  const database = new DatabaseSync(file);
  const all = Object.values(statements);
  // Indexes need their tables.
  for (const statement of [...all.filter(isTable), ...all.filter((each) => !isTable(each))])
    database.exec(statement);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

const isTable = (statement: string): boolean => statement.startsWith("CREATE TABLE");

const folder = join(import.meta.dirname, "fixtures");

/** By the version of the product. */
export function fixtures(): Readonly<Record<string, Fixture>> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name.replace(/\.json$/, ""),
      JSON.parse(readFileSync(join(folder, name), "utf8")) as Fixture,
    ]),
  );
}
