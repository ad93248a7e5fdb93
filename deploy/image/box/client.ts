/** `campus-ops-update install <file>`: asks the service, follows it, and says how it went. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Answer, Texts, Update } from "./core/contract.ts";
import type { Places } from "./places.ts";

const LOOK_AGAIN_MS = 500;

export async function offer(places: Places, request: object): Promise<Answer> {
  const socket = connect(places.socket);
  socket.setEncoding("utf8");
  socket.write(`${JSON.stringify(request)}\n`);
  let text = "";
  socket.on("data", (chunk: string) => {
    text += chunk;
  });
  await once(socket, "end");
  return JSON.parse(text) as Answer;
}

/** Resolves with what it came to: installed, refused or failed. */
export async function follow(places: Places, onChange: (update: Update) => void): Promise<Update> {
  let shown = "";
  for (;;) {
    const text = readFileSync(places.told, "utf8");
    const update = JSON.parse(text) as Update;
    if (text !== shown) onChange(update);
    shown = text;
    if (update.state !== "checking" && update.state !== "installing") return update;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

export const isInstalled = ({ state }: Update): boolean => state === "waiting" || state === "restarting";

export function lineOf({ message, percent, state, target }: Update): string {
  const count = percent === undefined ? "" : ` ${percent} %`;
  return `${state}${count}${target === undefined ? "" : ` ${target}`}${inBoth(message)}`;
}

export const inBoth = (message: Texts | undefined): string =>
  message === undefined ? "" : `: ${message.zh} / ${message.en}`;
