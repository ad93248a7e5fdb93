/** Work that several processes share out by campus, over PostgreSQL; see decision 35. */
export { type Holding, holdings, type Lease, Leases, OvertakenError, type Role } from "./leases.ts";
export { Ledger, type LedgerEvents } from "./ledger.ts";
export {
  openPostgres,
  type Postgres,
  RELATIONAL_SCHEMA,
  type RelationalConfiguration,
  type RelationalPlace,
  relationalPlace,
} from "./postgres.ts";
export { startWorker, type Unit, type WorkerOptions } from "./worker.ts";
