/** `campus-ops backtest`: what a changed or new rule would have made of the journal of the hub that runs here. */
import { readFileSync } from "node:fs";
import type { Language, LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { BackTestView, Occurrence } from "@campus-ops/rules/api";
import { OperatorError, socketPath } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";

/** Between two questions how far it is. */
const ASK_MS = 500;

export interface BackTestOutput {
  readonly print: (line: string) => void;
  readonly progress: (line: string) => void;
}

/** Resolves with whether it came to its end. `signal` cancels it. */
export async function backTest(
  run: string,
  file: string,
  range: { readonly from?: number; readonly to?: number },
  language: Language,
  output: BackTestOutput,
  signal: AbortSignal,
): Promise<boolean> {
  const client = socketClient(socketPath(run, "rules"));
  const ask = async (path: string, init?: { method: string; body?: string }): Promise<BackTestView> => {
    const headers = init?.body === undefined ? {} : { "content-type": "application/json" };
    const response = await client.fetch(path, { ...init, headers });
    const body = (await response.json()) as BackTestView & { title?: string; detail?: string };
    if (!response.ok) throw new OperatorError(`${body.title ?? response.status}: ${body.detail ?? ""}`);
    return body;
  };
  try {
    const body = JSON.stringify({ pack: readFileSync(file, "utf8"), by: "campus-ops", ...range });
    let view = await ask("/back-tests", { method: "POST", body });
    while (view.state === "running") {
      if (signal.aborted) view = await ask(`/back-tests/${view.id}`, { method: "DELETE" });
      else {
        await new Promise((resolve) => setTimeout(resolve, ASK_MS));
        view = await ask(`/back-tests/${view.id}`);
        const { entries = 0, total = 0, samples = 0 } = view.progress ?? {};
        output.progress(`${entries}/${total} · ${samples}`);
      }
    }
    for (const line of report(view, language)) output.print(line);
    return view.state === "done";
  } finally {
    await client.close();
  }
}

function report({ state, difference, detail, rules }: BackTestView, language: Language): readonly string[] {
  const say = (text: LocalText): string => (language === "zh" ? text.zh : text.en);
  if (difference === undefined) return [`${state}${detail === undefined ? "" : `: ${detail}`}`];
  const line = ({ rule, deviceTitle, device, instance, raisedAt }: Occurrence): string =>
    `  ${new Date(raisedAt).toISOString()} ${rule} ${say(deviceTitle)} (${device}${instance === undefined ? "" : ` ${instance}`})`;
  const { before, after, same, changed, gone } = difference;
  return [
    `${rules.join(", ")}: ${before} → ${after}`,
    `${say({ zh: "不变", en: "same" })} ${same} · ${say({ zh: "变化", en: "changed" })} ${changed.count}`,
    `${say({ zh: "新增", en: "new" })} ${difference.new.count}`,
    ...difference.new.first.map(line),
    `${say({ zh: "消失", en: "gone" })} ${gone.count}`,
    ...gone.first.map(line),
  ];
}
