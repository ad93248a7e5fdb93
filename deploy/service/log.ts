/**
 * Logs: JSON lines on standard output, one object a line, for the supervisor to collect and a person to read through
 * `pino-pretty`. What could hold a secret is censored by name, in one place.
 */
import { type Logger, pino } from "pino";

export type Log = Logger;

const SECRETS = ["password", "secret", "community", "token", "authorization", "cookie", "credential"];

export function createLog(process_: string, level: string): Log {
  return pino({
    level,
    base: { process: process_ },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[secret]",
    },
  });
}
