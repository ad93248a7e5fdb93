/** The wire contract: Sparkplug B 3.0 topics, payloads and session rules, and the acknowledged hand-off on top. Pure. */
export * from "./aliases.ts";
export * from "./codec.ts";
export * from "./handoff.ts";
export { interpret } from "./interpretation.ts";
export * from "./mapping.ts";
export * from "./payload.ts";
export * from "./range-set.ts";
export * from "./topics.ts";
