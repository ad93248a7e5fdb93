/** What the platform talks about, in names that every part of it shares. Imports nothing; does nothing by itself. */
export * from "./aging.ts";
export * from "./asset.ts";
export * from "./capabilities.ts";
export * from "./certificate-identity.ts";
export * from "./datatype.ts";
export * from "./device-class.ts";
export * from "./duration.ts";
export * from "./faults.ts";
export * from "./ids.ts";
export * from "./nearest.ts";
export * from "./retention.ts";
export * from "./rollup.ts";
export * from "./roster.ts";
export * from "./sample.ts";
export * from "./site-schema.ts";
export * from "./text.ts";
export * from "./units.ts";
