/** The index without metrics: a process that makes its own when somebody asks loads prom-client no sooner, 6 MB and more. */
export * from "./document.ts";
export * from "./environment.ts";
export * from "./lifecycle.ts";
export * from "./log.ts";
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
