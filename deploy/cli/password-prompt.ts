/** A password from a person's keyboard, twice and unseen, or from standard input when that is no terminal. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";

/** Throws {@link OperatorError} when the two do not agree, or there is nothing. */
export async function readPassword(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: { write(text: string): unknown },
  language: Language,
): Promise<string> {
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en);
  const terminal = input.isTTY === true;
  // What is typed is echoed by readline, to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal });
  const typed = lines[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    if (terminal) output.write(question);
    const line = await typed.next();
    if (terminal) output.write("\n");
    return line.done === true ? "" : line.value;
  };
  try {
    const password = await ask(say("密码（输入时不显示）：", "password (not shown): "));
    if (password === "") throw new OperatorError(say("没有输入密码", "there is no password"));
    if (terminal && (await ask(say("再输入一次：", "once more: "))) !== password)
      throw new OperatorError(say("两次输入的密码不一致", "the two passwords are not the same"));
    return password;
  } finally {
    lines.close();
  }
}
