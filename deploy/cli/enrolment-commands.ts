/** The commands that set a hub up and bring boxes into it; what they do is loaded when one of them runs. */
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { OperatorError, readEnvironment, readSettings } from "@campus-ops/service";
import type { Command } from "./command.ts";
import { chosenLanguage } from "./language.ts";

export const ENROLMENT_COMMANDS: Readonly<Record<string, Command>> = {
  init: {
    usage:
      "init [--folder <of hub.yaml>] [--city 990100:临澜市] [--county 990102:启云区] [--campus qiyun-no1:启云一中 …] [--name 10.0.0.5 …] [--administrator admin] [--edge-ranges 192.168.10.0/24] [--parent edge.conf] [--generate]",
    summary:
      "make a hub: configuration, certificate authority, first administrator, desk; asks what it is not told, the password always by prompt or standard input",
    run: async (args) => {
      const { values } = parseArgs({
        args: [...args],
        options: {
          folder: { type: "string" },
          city: { type: "string" },
          county: { type: "string" },
          campus: { type: "string", multiple: true, default: [] },
          name: { type: "string", multiple: true, default: [] },
          administrator: { type: "string" },
          parent: { type: "string" },
          "edge-ranges": { type: "string" },
          generate: { type: "boolean", default: false },
          "mqtts-port": { type: "string", default: "8883" },
          "enrolment-port": { type: "string", default: "8884" },
          lang: { type: "string" },
        },
      });
      const { runInit } = await import("./init.ts");
      const { readPassword } = await import("./password-prompt.ts");
      const language = chosenLanguage(values.lang, process.env);
      const environment = readEnvironment(process.env);
      const { config = "hub.yaml", service } = environment;
      const lines = await runInit(
        {
          ...values,
          service,
          edgeRanges: values["edge-ranges"],
          folder: resolve(values.folder ?? dirname(config)),
          mqttsPort: portOf("--mqtts-port", values["mqtts-port"]),
          enrolmentPort: portOf("--enrolment-port", values["enrolment-port"]),
        },
        {
          environment,
          language,
          ask: process.stdin.isTTY ? askOnTerminal : undefined,
          readPassword: () => readPassword(process.stdin, process.stderr, language),
        },
      );
      console.log(lines.join("\n"));
      return 0;
    },
  },
  enrol: {
    usage:
      "enrol token|sign <request>|approve|revoke --campus … --node … [--title …] [--devices edge.yaml] [--replace] [--out …] | enrol list | enrol audit | enrol broker-files | enrol request --out … | enrol install <file>",
    summary:
      "bring edge boxes into the hub: a seed file with a one-time token; by USB stick with request (box), sign (hub), install (box); who is in, and whose certificate is good no more",
    run: async (args) => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          config: { type: "string", short: "c" },
          campus: { type: "string" },
          node: { type: "string" },
          title: { type: "string" },
          devices: { type: "string" },
          out: { type: "string" },
          why: { type: "string" },
          replace: { type: "boolean", default: false },
          "ca-sha256": { type: "string" },
          lang: { type: "string" },
        },
      });
      const { runEnrol } = await import("./enrol.ts");
      const onTheBox = positionals[0] === "request" || positionals[0] === "install";
      const config = resolve(
        values.config ?? readEnvironment(process.env).config ?? (onTheBox ? "edge.yaml" : "hub.yaml"),
      );
      const lines = await runEnrol(
        positionals,
        { ...values, config, overlays: readSettings(readEnvironment(process.env).data) },
        chosenLanguage(values.lang, process.env),
      );
      console.log(lines.join("\n"));
      return 0;
    },
  },
};

async function askOnTerminal(question: string, standard: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(standard === "" ? `${question}: ` : `${question} [${standard}]: `);
    return answer.trim() === "" ? standard : answer.trim();
  } finally {
    terminal.close();
  }
}

function portOf(flag: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new OperatorError(`${flag} must be a port, 1 to 65535, not ${text}`, {
    zh: `${flag} 须为端口 1 到 65535，而不是 ${text}`,
  });
}
