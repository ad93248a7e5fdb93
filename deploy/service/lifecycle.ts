/**
 * The life of a process: starts, says that it is ready, stops in order, and ends with a reason a person can read.
 *
 * A process tells its supervisor that it is ready with one JSON line that carries `"ready":true`; SIGTERM and SIGINT
 * ask it to stop, and it has {@link STOP_MS_MAX} to do so.
 */

import { flushCompileCache } from "node:module";
import { InvalidDocumentError } from "./document.ts";
import { EnvironmentError } from "./environment.ts";
import type { Log } from "./log.ts";
import { serviceManager } from "./service-manager.ts";

/** A process that has not stopped by then is ended with an error. */
export const STOP_MS_MAX = 8_000;

/** Exit code for a configuration that a person must mend: starting again will not help. */
export const EXIT_CONFIGURATION = 78;

/** Exit code of a process that is to be started again at once: it was asked to, and nothing failed. */
export const EXIT_AGAIN = 79;

/** Exit code of a part of the demonstration that was asked to clear it away, which is its supervisor's to do. */
export const EXIT_CLEAR = 80;

export interface Running {
  /** Stops in order: first what takes work in, last what makes it durable. */
  stop(): Promise<void>;
}

/** Ends this process in order, and has its supervisor start it again. */
export function startAgain(): void {
  process.exitCode = EXIT_AGAIN;
  process.kill(process.pid, "SIGTERM");
}

/** Ends this process in order, and has its supervisor clear the demonstration away. */
export function clearAway(): void {
  process.exitCode = EXIT_CLEAR;
  process.kill(process.pid, "SIGTERM");
}

/** An error whose message is meant for the operator: what happened, what was kept, what to do. No stack is shown. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  /** The same in Chinese, where it may be read in the console. */
  readonly zh: string | undefined;
  constructor(message: string, { zh, ...options }: ErrorOptions & { readonly zh?: string } = {}) {
    super(message, options);
    this.zh = zh;
  }
}

/**
 * Runs a process until it is told to stop. `start` is the composition root. `load` loads what the process would load
 * only later: where CAMPUS_OPS_COMPILE_ONLY is set, all modules are loaded, so that NODE_COMPILE_CACHE keeps what was
 * compiled of them, and nothing is started.
 */
export async function runProcess(
  log: Log,
  start: () => Promise<Running>,
  load?: () => Promise<unknown>,
): Promise<void> {
  if ((process.env.CAMPUS_OPS_COMPILE_ONLY ?? "") !== "") {
    await load?.();
    return;
  }
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    if (
      error instanceof InvalidDocumentError ||
      error instanceof EnvironmentError ||
      error instanceof OperatorError
    ) {
      log.fatal({ kind: error.name }, error.message);
      process.exitCode = EXIT_CONFIGURATION;
      setImmediate(() => process.exit());
      return;
    }
    log.fatal({ err: error }, "could not start");
    process.exitCode = 1;
    setImmediate(() => process.exit());
    return;
  }
  const manager = serviceManager(process.env);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    manager.stopping();
    log.info({ signal }, "stopping");
    const overdue = setTimeout(() => {
      log.error("did not stop in time; ending. Whatever was acknowledged is on disk");
      process.exit(1);
    }, STOP_MS_MAX);
    running.stop().then(
      () => {
        clearTimeout(overdue);
        log.info("stopped");
        process.exit();
      },
      (error: unknown) => {
        log.error({ err: error }, "failed while stopping");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", () => stop("SIGTERM"));
  process.once("SIGINT", () => stop("SIGINT"));
  // A supervisor that died takes its processes with it: nobody is left to restart or stop them.
  process.once("disconnect", () => stop("the supervisor is gone"));
  process.on("unhandledRejection", (reason) => {
    log.fatal({ err: reason }, "a programming error: a promise was rejected and nobody looked");
    process.exit(1);
  });
  // Last: who hears that we are ready may ask us to stop at once.
  log.info({ ready: true, pid: process.pid }, "ready");
  manager.ready();
  // Where NODE_COMPILE_CACHE names a folder: a process that is killed leaves the next one its compiled code all the same.
  flushCompileCache();
  // The supervisor may have died while we started, when nobody listened yet.
  if (process.channel === null) stop("the supervisor is gone");
}
