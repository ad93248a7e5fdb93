/** What goes into the outbox and what comes out of it again: the core's, for whoever holds an outbox. */
export type { DeviceCursor, NewRecord, OutboxRecord } from "../core/record.ts";
