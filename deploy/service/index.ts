/** What every process owes its operator: checked configuration, logs without secrets, health, metrics, an ordered end. */
export * from "./document.ts";
export * from "./environment.ts";
export * from "./lifecycle.ts";
export * from "./log.ts";
export * from "./metrics.ts";
export * from "./operations.ts";
export type { Overlay } from "./overlay.ts";
export * from "./own-hub.ts";
export * from "./problem.ts";
export * from "./secret-file.ts";
export * from "./service-manager.ts";
export * from "./setting-routes.ts";
export * from "./settings.ts";
export * from "./socket.ts";
export * from "./webhook-signature.ts";
