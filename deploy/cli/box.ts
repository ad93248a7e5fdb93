/**
 * `campus-ops-edge <command>`: what of `campus-ops` is for an edge box, on a box that has the agent's package and no hub. It
 * brings nothing of a hub along.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadConfiguration } from "@campus-ops/edge-agent/configuration";
import { OperatorError, readEnvironment } from "@campus-ops/service";
import { BOX_COMMANDS } from "./box-commands.ts";
import type { Command } from "./command.ts";
import { chosenLanguage } from "./language.ts";
import { runCommand } from "./run-command.ts";
import { versionText } from "./version.ts";

const EDGE_COMMANDS: Readonly<Record<string, Command>> = {
  ...BOX_COMMANDS,
  "check-config": {
    usage: "check-config [edge.yaml]",
    summary: "check the agent's configuration without starting anything",
    run: async (args) => {
      const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
      const file = positionals[0] ?? readEnvironment(process.env).config ?? "edge.yaml";
      const { devices } = loadConfiguration(resolve(file));
      console.log(`${file}: in order, ${devices.length} devices`);
      return 0;
    },
  },
  enrol: {
    usage: "enrol request --out … | enrol install <file> [--ca-sha256 …]",
    summary:
      "enrol without a network: the request goes to the hub on a stick, what the hub has signed comes back",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          config: { type: "string", short: "c" },
          out: { type: "string" },
          "ca-sha256": { type: "string" },
          lang: { type: "string" },
        },
      });
      const { enrolBox, isBoxVerb } = await import("./enrol-box.ts");
      const [verb = "", file] = positionals;
      if (!isBoxVerb(verb)) throw new OperatorError("say enrol request or enrol install");
      const config = resolve(values.config ?? readEnvironment(process.env).config ?? "edge.yaml");
      const language = chosenLanguage(values.lang, process.env);
      console.log(enrolBox(verb, file, { ...values, config }, language).join("\n"));
      return 0;
    },
  },
  version: {
    usage: "version",
    summary: "print the version and what it runs on",
    run: async () => {
      console.log(versionText(join(resolve(import.meta.dirname, "../.."), "package.json")));
      return 0;
    },
  },
};

process.exitCode = await runCommand("campus-ops-edge", EDGE_COMMANDS, process.argv.slice(2));
