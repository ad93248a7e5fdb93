/**
 * One log out of many processes: always to `$CAMPUS_OPS_DATA/logs/hub.jsonl`, and to standard error, there pretty when
 * a person looks and as JSON lines otherwise. Standard output is left to what scripts wait for.
 */
import { join } from "node:path";
import { createLog, type Log } from "@campus-ops/service";
import { type PrettyStream, build as pretty } from "pino-pretty";
import { RotatingFile } from "./rotating-file.ts";

export interface MergedLog {
  /** The supervisor's own voice. */
  readonly log: Log;
  /** A line that a process wrote. What is not a log object (a stack trace) becomes one. */
  line(process: string, line: string, entry: Readonly<Record<string, unknown>> | undefined): void;
  close(): void;
}

export function openMergedLog(
  data: string,
  level: string,
  terminal: NodeJS.WriteStream & { readonly fd: number },
): MergedLog {
  const file = new RotatingFile(join(data, "logs", "hub.jsonl"), {
    onRemoved: ({ count, before, early }) => {
      const removed = { what: "logs", count, unit: "files", before: new Date(before).toISOString() };
      if (early)
        log.error(
          removed,
          "removed before their time: logs grew too large; find out which part writes so much",
        );
      else log.info(removed, "removed: past its retention");
    },
  });
  const screen: PrettyStream | NodeJS.WriteStream = terminal.isTTY
    ? pretty({
        destination: terminal.fd,
        sync: true,
        colorize: true,
        ignore: "process,pid,ready",
        translateTime: "SYS:HH:MM:ss.l",
        messageFormat: "{process}: {msg}",
        errorLikeObjectKeys: ["err"],
      })
    : terminal;
  const write = (line: string): void => {
    file.writeLine(line);
    screen.write(`${line}\n`);
  };
  const log = createLog("supervisor", level, { write: (line) => write(line.trimEnd()) });
  return {
    log,
    line: (process_, line, entry) => {
      if (entry?.process === process_) write(line);
      // Several edge agents run the same program: the name that tells them apart is the supervisor's.
      else if (entry !== undefined) write(JSON.stringify({ ...entry, process: process_ }));
      else
        write(
          JSON.stringify({ level: "warn", time: new Date().toISOString(), process: process_, msg: line }),
        );
    },
    close: () => file.close(),
  };
}
