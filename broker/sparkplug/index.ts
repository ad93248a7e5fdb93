export * from "./handoff.ts";
export * from "./payload.ts";
