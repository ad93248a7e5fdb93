/** The wire contract: Sparkplug B 3.0 topics, payloads and session rules, and the acknowledged hand-off on top. Pure. */
export * from "./aliases.ts";
export * from "./codec.ts";
export * from "./commands.ts";
export * from "./device-time.ts";
export * from "./edge-session.ts";
export * from "./handoff.ts";
export * from "./host-session.ts";
export * from "./host-state.ts";
export { interpret } from "./interpretation.ts";
export * from "./mapping.ts";
export * from "./node-session.ts";
export * from "./outbox-account.ts";
export * from "./payload.ts";
export * from "./pictures.ts";
export * from "./publication.ts";
export * from "./range-set.ts";
export * from "./topics.ts";
