/** The commands of `campus-ops`, for the people who run a hub. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { EXIT_CONFIGURATION, OperatorError, readEnvironment, readSettings } from "@campus-ops/service";
import { BACKUP_COMMANDS } from "./backup-commands.ts";
import { BOX_COMMANDS } from "./box-commands.ts";
import type { Command } from "./command.ts";
import { ENROLMENT_COMMANDS } from "./enrolment-commands.ts";
import { chosenLanguage } from "./language.ts";
import { progressLine } from "./progress.ts";
import { runCommand } from "./run-command.ts";
import { runUp } from "./run-up.ts";
import { versionText } from "./version.ts";

const root = resolve(import.meta.dirname, "../..");

const COMMANDS: Readonly<Record<string, Command>> = {
  up: {
    usage: "up --config hub.yaml | --demo [--pack rules.yaml]",
    summary:
      "run a hub on this machine; --demo brings a made-up city with simulated devices, --pack more rules for it",
    run: (args) => {
      const { values } = parseArgs({
        args: [...args],
        options: {
          config: { type: "string", short: "c" },
          demo: { type: "boolean", default: false },
          pack: { type: "string", multiple: true, default: [] },
        },
      });
      const demonstration = values.demo ? { packs: values.pack.map((pack) => resolve(pack)) } : undefined;
      return runUp(root, readEnvironment(process.env), values.config, demonstration);
    },
  },
  "check-config": {
    usage: "check-config <hub.yaml>",
    summary: "check a hub's configuration, and those of its edge agents, without starting anything",
    run: async (args) => {
      const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
      const file = positionals[0] ?? process.env.CAMPUS_OPS_CONFIG ?? "hub.yaml";
      // It needs every part of the hub, which nobody else who comes here does.
      const { checkConfiguration } = await import("./check-config.ts");
      console.log(checkConfiguration(file, readSettings(readEnvironment(process.env).data)));
      return 0;
    },
  },
  ...BOX_COMMANDS,
  profile: {
    usage: "profile check <file or folder …> [--lang zh]",
    summary: "check device profiles of your own, and run their testcases",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { lang: { type: "string" } },
      });
      const [verb, ...paths] = positionals;
      if (verb !== "check")
        throw new OperatorError("what is to be done with the profile? campus-ops profile check <file>", {
          zh: "请写明要做什么：campus-ops profile check <文件>",
        });
      const { checkProfiles } = await import("./profile-check.ts");
      const { inOrder, lines } = checkProfiles(paths, chosenLanguage(values.lang, process.env));
      console.log(lines.join("\n"));
      return inOrder ? 0 : EXIT_CONFIGURATION;
    },
  },
  accounts: {
    usage:
      "accounts list | add <name> [--title …] (--administrator | --role guard --at <place>) | reset <name> [--totp] | disable <name> | enable <name> | token <name> --role … --at … [--days 365] [--file …]",
    summary:
      "people who may sign in, and machines' tokens; passwords are asked for, or read from standard input, or made up with --generate",
    run: async (args) => {
      const { values, positionals } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          title: { type: "string" },
          role: { type: "string", multiple: true, default: [] },
          at: { type: "string", multiple: true, default: [] },
          administrator: { type: "boolean", default: false },
          generate: { type: "boolean", default: false },
          totp: { type: "boolean", default: false },
          days: { type: "string" },
          file: { type: "string" },
          lang: { type: "string" },
        },
      });
      const { runAccounts } = await import("./accounts.ts");
      const { readPassword } = await import("./password-prompt.ts");
      const language = chosenLanguage(values.lang, process.env);
      const lines = await runAccounts(readEnvironment(process.env).data, positionals, values, {
        language,
        readPassword: () => readPassword(process.stdin, process.stderr, language),
      });
      console.log(lines.join("\n"));
      return 0;
    },
  },
  standards: {
    usage: "standards check <standard.yaml …> [--lang zh]",
    summary: "check standards of your own",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { lang: { type: "string" } },
      });
      const [verb, ...files] = positionals;
      if (verb !== "check" || files.length === 0)
        throw new OperatorError("say which file: campus-ops standards check <standard.yaml>", {
          zh: "请写明文件：campus-ops standards check <标准.yaml>",
        });
      const { checkStandards } = await import("./standards-check.ts");
      const { inOrder, lines } = checkStandards(files, chosenLanguage(values.lang, process.env));
      console.log(lines.join("\n"));
      return inOrder ? 0 : EXIT_CONFIGURATION;
    },
  },
  store: {
    usage: "store copy --from hub.yaml --to new-hub.yaml",
    summary:
      "copy all points from the store that one configuration names to that of another, while the hub is stopped; can be interrupted",
    run: async (args) => {
      const { values, positionals } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { from: { type: "string" }, to: { type: "string" } },
      });
      if (positionals.join() !== "copy" || values.from === undefined || values.to === undefined)
        throw new OperatorError("say: store copy --from hub.yaml --to new-hub.yaml", {
          zh: "写法：store copy --from hub.yaml --to new-hub.yaml",
        });
      const { storeCopy } = await import("./store-copy.ts");
      return storeCopy(resolve(values.from), resolve(values.to), readEnvironment(process.env).data);
    },
  },
  simulate: {
    usage: "simulate <profile or file …> | --site edge.yaml [--port 0] [--lang zh]",
    summary: "play devices over their real protocols on loopback, whole sites too, with faults on demand",
    run: async (args) => {
      const { values, positionals } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          site: { type: "string" },
          port: { type: "string", default: "0" },
          lang: { type: "string" },
        },
      });
      const ending = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
      const { simulate } = await import("./simulate/simulate.ts");
      const language = chosenLanguage(values.lang, process.env);
      await simulate(
        { profiles: positionals, site: values.site, port: Number(values.port), language },
        { input: process.stdin, print: console.log, signal: ending.signal },
      );
      return 0;
    },
  },
  verify: {
    usage: "verify <file> [--lang zh]",
    summary:
      "check offline that an exported alarm, a report on a standard or an audit trail is genuine and unchanged",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { lang: { type: "string" } },
      });
      const [file] = positionals;
      if (file === undefined)
        throw new OperatorError("say which file: campus-ops verify <bundle.html>", {
          zh: "请写明文件：campus-ops verify <证据包.html>",
        });
      const { verdictOn } = await import("./verify-bundle.ts");
      const { genuine, lines } = verdictOn(file, chosenLanguage(values.lang, process.env));
      console.log(lines.join("\n"));
      return genuine ? 0 : 1;
    },
  },
  card: {
    usage: "card [--reader 0] [--json]",
    summary: "read the card on a desk reader (PC/SC), and say its number in every way it is written",
    run: async (args) => {
      const { values } = parseArgs({
        args: [...args],
        options: {
          reader: { type: "string", default: "0" },
          json: { type: "boolean", default: false },
          lang: { type: "string" },
        },
      });
      const { cardLines, readCard } = await import("./card.ts");
      const ending = new AbortController();
      process.once("SIGINT", () => ending.abort());
      const card = await readCard(Number(values.reader), ending.signal);
      console.log(
        values.json
          ? JSON.stringify(card)
          : cardLines(card, chosenLanguage(values.lang, process.env)).join("\n"),
      );
      return 0;
    },
  },
  backtest: {
    usage: "backtest <rules.yaml> [--from 2026-09-01] [--to 2026-10-01]",
    summary:
      "say which alarms changed or new rules would have raised in the journal of the hub that runs here",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { from: { type: "string" }, to: { type: "string" }, lang: { type: "string" } },
      });
      const [file] = positionals;
      if (file === undefined)
        throw new OperatorError("say which pack: campus-ops backtest <rules.yaml>", {
          zh: "请写明规则包：campus-ops backtest <规则.yaml>",
        });
      const moment = (name: "from" | "to"): Partial<Record<"from" | "to", number>> => {
        const text = values[name];
        if (text === undefined) return {};
        const at = Date.parse(text);
        if (Number.isNaN(at))
          throw new OperatorError(`--${name} must be a day or a moment, not ${text}`, {
            zh: `--${name} 须为日期或时刻，而不是 ${text}`,
          });
        return { [name]: at };
      };
      const ending = new AbortController();
      process.once("SIGINT", () => ending.abort());
      const { backTest } = await import("./back-test.ts");
      const done = await backTest(
        readEnvironment(process.env).run,
        file,
        { ...moment("from"), ...moment("to") },
        chosenLanguage(values.lang, process.env),
        { print: console.log, progress: progressLine(process.stderr) },
        ending.signal,
      );
      return done ? 0 : 1;
    },
  },
  ...BACKUP_COMMANDS,
  ...ENROLMENT_COMMANDS,
  version: {
    usage: "version",
    summary: "print the version and what it runs on",
    run: async () => {
      console.log(versionText(join(root, "package.json")));
      return 0;
    },
  },
};

/** Runs a command line; the exit code. */
export const main = (words: readonly string[]): Promise<number> => runCommand("campus-ops", COMMANDS, words);
