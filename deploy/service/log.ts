/**
 * Logs: JSON lines on standard output, one object a line, for the supervisor to collect and a person to read through
 * `pino-pretty`. What could hold a secret is censored by name, in one place.
 */
import { writeSync } from "node:fs";
import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

export type Log = Logger;

const SECRETS = ["password", "secret", "community", "token", "authorization", "cookie", "credential"];

/** A pipe that is full for longer loses the line: a log must not stop what it is a log of. */
const FULL_PIPE_TRIES_MAX = 20;
const FULL_PIPE_WAIT_MS = 5;

/**
 * Standard output, written at once, so that a process's last words are not lost. Pino's own destination tries for ever
 * when the reader is gone (EPIPE), and so keeps a process alive that wants to end.
 */
export function standardOutput(descriptor = 1): DestinationStream {
  const sleep = new Int32Array(new SharedArrayBuffer(4));
  return {
    write: (line) => {
      let rest = Buffer.from(line, "utf8");
      for (let tries = 0; rest.length > 0 && tries < FULL_PIPE_TRIES_MAX; ) {
        try {
          rest = rest.subarray(writeSync(descriptor, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
          tries += 1;
          Atomics.wait(sleep, 0, 0, FULL_PIPE_WAIT_MS);
        }
      }
    },
  };
}

export function createLog(process_: string, level: string, destination = standardOutput()): Log {
  const options: LoggerOptions = {
    level,
    base: { process: process_ },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[secret]",
    },
  };
  return pino(options, destination);
}
