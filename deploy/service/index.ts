/** What every process owes its operator: checked configuration, logs without secrets, health, metrics, an ordered end. */
export * from "./metrics.ts";
export * from "./process.ts";
