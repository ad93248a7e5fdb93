/** The commands for backups; what they do is in `backup.ts`, loaded when one of them runs. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { OperatorError, readEnvironment } from "@campus-ops/service";
import type { Command } from "./command.ts";
import { runFolder } from "./run-folder.ts";

const root = resolve(import.meta.dirname, "../..");

export const BACKUP_COMMANDS: Readonly<Record<string, Command>> = {
  backup: {
    usage: "backup [--config hub.yaml] | backup key <file>",
    summary:
      "make a backup now, of a hub that runs or not, and prove that it restores; key makes the identity that opens backups",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { config: { type: "string", short: "c" } },
      });
      const { backupKey, backupNow } = await import("./backup.ts");
      const [what, file] = positionals;
      if (what === "key") {
        if (file === undefined)
          throw new OperatorError("say where to write it: campus-ops backup key <file>", {
            zh: "请写明存放位置：campus-ops backup key <文件>",
          });
        await backupKey(resolve(file), console.log);
        return 0;
      }
      if (what !== undefined)
        throw new OperatorError(`backup ${what} is not known; campus-ops help shows what is`, {
          zh: `没有 backup ${what} 这个命令；campus-ops help 列出所有命令`,
        });
      const told = readEnvironment(process.env);
      const run = (process.env.CAMPUS_OPS_RUN ?? "") === "" ? runFolder(told.data) : told.run;
      const config = resolve(values.config ?? told.config ?? "hub.yaml");
      const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
      await backupNow({ ...told, run }, config, version, console.log, ending());
      return 0;
    },
  },
  restore: {
    usage: "restore <backup.tar.zst.age> --identity <file> [--configuration <folder>]",
    summary:
      "put a hub back from a backup into an empty data folder (CAMPUS_OPS_DATA), and its configuration beside it",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { identity: { type: "string" }, configuration: { type: "string" } },
      });
      const [file] = positionals;
      if (file === undefined || values.identity === undefined)
        throw new OperatorError(
          "say which backup and who opens it: campus-ops restore <file> --identity <file>",
          { zh: "请写明备份文件和密钥文件：campus-ops restore <备份> --identity <密钥>" },
        );
      const { data } = readEnvironment(process.env);
      const { restoreHub } = await import("./backup.ts");
      const configuration = values.configuration ?? `${resolve(data)}-configuration`;
      await restoreHub({ file, identityFile: values.identity, data, configuration }, console.log, ending());
      return 0;
    },
  },
};

function ending(): AbortSignal {
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ended.abort());
  return ended.signal;
}
