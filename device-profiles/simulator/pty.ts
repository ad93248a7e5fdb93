/** A serial port without a wire: what a program writes to `path` as to any serial port comes out here, and back. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { Duplex } from "node:stream";

export interface Pty {
  /** `/dev/pts/…`; gone after {@link Pty.close}, as when an adapter is pulled out. */
  readonly path: string;
  readonly bytes: Duplex;
  close(): Promise<void>;
}

/** Starts `socat`, which must be installed; it holds the other end of the pair. */
export async function openPty(): Promise<Pty> {
  const socat = spawn("socat", ["-d", "-d", "PTY,raw,echo=0", "STDIO"], { stdio: ["pipe", "pipe", "pipe"] });
  const gone = once(socat, "exit");
  // A failed start rejects, and is told below.
  gone.catch(() => undefined);
  const path = await Promise.race([pathOf(socat.stderr), gone.then(() => undefined)]);
  if (path === undefined) throw new Error("socat made no serial port; is it installed?");
  // Held open, so that the pair outlives the programs that open and close it.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const bytes = Duplex.from({ readable: socat.stdout, writable: socat.stdin });
  bytes.on("error", () => undefined);
  return {
    path,
    bytes,
    close: async () => {
      if (socat.exitCode === null && socat.signalCode === null) {
        socat.kill();
        await gone;
        closeSync(held);
      }
      bytes.destroy();
    },
  };
}

async function pathOf(messages: NodeJS.ReadableStream): Promise<string | undefined> {
  const lines = createInterface({ input: messages });
  for await (const line of lines) {
    const path = /PTY is (\S+)/.exec(line)?.[1];
    if (path === undefined) continue;
    messages.resume();
    return path;
  }
  return undefined;
}
