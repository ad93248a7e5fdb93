/** Commands for whoever stands at an edge box: a part of `campus-ops`, and all of it on a box without a hub. */
import { parseArgs } from "node:util";
import { readEnvironment } from "@campus-ops/service";
import type { Command } from "./command.ts";
import { chosenLanguage } from "./language.ts";
import { progressLine } from "./progress.ts";

export const BOX_COMMANDS: Readonly<Record<string, Command>> = {
  discover: {
    usage: "discover --range 10.0.0.0/24 [--write edge.yaml] [--json]",
    summary: "look for devices in the ranges given; --help says the rest",
    run: async (args) => {
      const { values } = parseArgs({
        args: [...args],
        options: {
          range: { type: "string" },
          protocols: { type: "string" },
          rate: { type: "string" },
          timeout: { type: "string" },
          interface: { type: "string" },
          "community-file": { type: "string", multiple: true },
          units: { type: "string" },
          ports: { type: "string" },
          write: { type: "string" },
          json: { type: "boolean" },
          lang: { type: "string" },
          help: { type: "boolean" },
        },
      });
      const { DISCOVER_HELP, runDiscover } = await import("./discover/discover.ts");
      if (values.help === true) {
        console.log(DISCOVER_HELP);
        return 0;
      }
      const ending = new AbortController();
      process.once("SIGINT", () => ending.abort());
      const output = { print: console.log, progress: progressLine(process.stderr) };
      await runDiscover(values, chosenLanguage(values.lang, process.env), output, ending.signal);
      return 0;
    },
  },
  doctor: {
    usage: "doctor [edge.yaml] [--ntp server] [--json] [--lang zh]",
    summary:
      "look at clock, disk, names, broker and every device of an edge agent; what to do is said beside",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          ntp: { type: "string" },
          json: { type: "boolean", default: false },
          lang: { type: "string" },
        },
      });
      const environment = readEnvironment(process.env);
      const { runDoctor } = await import("./doctor.ts");
      const { json, ntp } = values;
      return await runDoctor(
        {
          file: positionals[0] ?? environment.config ?? "edge.yaml",
          dataFolder: environment.data,
          ntp,
          json,
          language: chosenLanguage(values.lang, process.env),
        },
        console.log,
      );
    },
  },
  confirm: {
    usage: "confirm [<device>] [--edge campus-node] [--anyway] [--lang zh]",
    summary: "say that a new device is what and where it should be; without a name: which devices wait",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          edge: { type: "string" },
          anyway: { type: "boolean", default: false },
          lang: { type: "string" },
        },
      });
      const { confirm } = await import("./confirm.ts");
      const request = { device: positionals[0], edge: values.edge, anyway: values.anyway };
      const language = chosenLanguage(values.lang, process.env);
      const { done, lines } = await confirm(readEnvironment(process.env).run, request, language);
      console.log(lines.join("\n"));
      return done ? 0 : 1;
    },
  },
};
