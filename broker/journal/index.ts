/** The journal: its contract, the embedded implementation, and the decoder its readers share. */
export * from "./continuity.ts";
export * from "./decoder.ts";
export * from "./embedded-reader.ts";
export * from "./embedded-writer.ts";
export * from "./journal.ts";
export * from "./received-ranges.ts";
