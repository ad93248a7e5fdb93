/** Work that several processes share out by campus, over PostgreSQL; see decision 35. */
export { type AnsweringPlace, answerFor, holdAnswers } from "./answering.ts";
export { Contents } from "./contents.ts";
export { Directory, NobodyThereError } from "./directory.ts";
export {
  type Holding,
  holdings,
  type Lease,
  Leases,
  OvertakenError,
  prepareLeases,
  type Role,
} from "./leases.ts";
export { type Kept, Ledger, type LedgerEvents } from "./ledger.ts";
export { openPostgres, type Postgres } from "./postgres.ts";
export type { ProbePlace, WorkerStatus } from "./probe.ts";
export { SharedFiles } from "./shared-files.ts";
export { publishWrites, type Sharing, shareFiles } from "./sharing.ts";
export { startWorker, type Unit, type WorkerOptions } from "./worker.ts";
