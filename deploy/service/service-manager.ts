/**
 * Tells systemd how the process is doing, where systemd started it: ready, stopping, and alive at each half of its
 * watchdog's time (sd_notify(3)). Node has no datagrams over Unix sockets, so systemd's own program says it. A process
 * whose event loop hangs says nothing, and is started again.
 */
import { execFile } from "node:child_process";

const SAY_MS_MAX = 5_000;

export interface ServiceManager {
  ready(): void;
  stopping(): void;
}

/** `environment` as systemd made it; says nothing where systemd did not. */
export function serviceManager(environment: NodeJS.ProcessEnv): ServiceManager {
  if ((environment.NOTIFY_SOCKET ?? "") === "") return { ready: () => undefined, stopping: () => undefined };
  const say = (...words: readonly string[]): void => {
    // Whoever cannot be told finds out by the silence.
    execFile("systemd-notify", words, { timeout: SAY_MS_MAX }, () => undefined);
  };
  // Another process's watchdog is none of ours.
  const ours = environment.WATCHDOG_PID === undefined || environment.WATCHDOG_PID === String(process.pid);
  const watchdog_us = ours ? Number(environment.WATCHDOG_USEC ?? 0) : 0;
  return {
    ready: () => {
      say("READY=1");
      if (watchdog_us > 0) setInterval(() => say("WATCHDOG=1"), watchdog_us / 2_000).unref();
    },
    stopping: () => say("STOPPING=1"),
  };
}
