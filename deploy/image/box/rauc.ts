/** RAUC, by its command (RAUC 1.8, Debian 12). */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { percentOf } from "./core/bundle.ts";

const INFO_MS_MAX = 60_000;
const SAID_CHARACTERS_MAX = 8_000;

export interface Said {
  readonly isDone: boolean;
  readonly text: string;
}

export interface Rauc {
  /** Opens the bundle and checks its signature; the text is JSON where that went well. */
  info(file: string, words?: readonly string[]): Said;
  install(file: string, onPercent: (percent: number) => void): Promise<Said>;
  /** The slot that runs, or the other one. */
  mark(as: "good" | "bad", which: "booted" | "other"): Said;
}

/** `words` go before each command: another configuration, where there is no box around. */
export function raucCommand(words: readonly string[] = []): Rauc {
  const run = (...more: readonly string[]): Said => {
    const { error, status, stderr, stdout } = spawnSync("rauc", [...words, ...more], {
      encoding: "utf8",
      timeout: INFO_MS_MAX,
    });
    if (error !== undefined) return { isDone: false, text: error.message };
    return { isDone: status === 0, text: status === 0 ? stdout : `${stdout}${stderr}` };
  };
  return {
    info: (file, more = []) => run("info", "--output-format=json", ...more, file),
    mark: (as, which) => run("status", `mark-${as}`, which),
    install: async (file, onPercent) => {
      const child = spawn("rauc", [...words, "install", file], { stdio: ["ignore", "pipe", "pipe"] });
      let text = "";
      const closed = once(child, "close");
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
          text = `${text}${line}\n`.slice(-SAID_CHARACTERS_MAX);
          const percent = percentOf(line);
          if (percent !== undefined) onPercent(percent);
        });
      }
      const [code] = (await closed) as [number | null];
      return { isDone: code === 0, text };
    },
  };
}
