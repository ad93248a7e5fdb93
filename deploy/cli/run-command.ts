/** From a command line to the command: what it is called, what it says when it is wrong, what it ends with. */
import { EXIT_CONFIGURATION } from "@campus-ops/service";
import type { Command } from "./command.ts";
import { languageOfErrors } from "./language.ts";
import { isForTheOperator, toldIn } from "./operator-errors.ts";

type Commands = Readonly<Record<string, Command>>;

/** Runs a command line of `program`; the exit code. */
export async function runCommand(
  program: string,
  commands: Commands,
  [name = "help", ...args]: readonly string[],
): Promise<number> {
  const all: Commands = { ...commands, help: helpOf(program, commands) };
  const command = Object.hasOwn(all, name) ? all[name] : undefined;
  if (command === undefined) {
    console.error(`there is no command ${JSON.stringify(name)}\n\n${helpText(program, all)}`);
    return EXIT_CONFIGURATION;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (!isForTheOperator(error)) throw error;
    console.error(`${program} ${name}: ${toldIn(languageOfErrors(args, process.env), error)}`);
    return EXIT_CONFIGURATION;
  }
}

function helpOf(program: string, commands: Commands): Command {
  const help: Command = {
    usage: "help",
    summary: "print this",
    run: async () => {
      console.log(helpText(program, { ...commands, help }));
      return 0;
    },
  };
  return help;
}

function helpText(program: string, commands: Commands): string {
  const lines = Object.values(commands).map(({ usage, summary }) => `  ${usage}\n      ${summary}`);
  return [`${program} <command>`, "", ...lines].join("\n");
}
