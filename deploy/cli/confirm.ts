/** `campus-ops confirm`: a person says that a device is what, and where, the configuration says it is. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DEVICE_CLASSES, type Language } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";
import { socketClient } from "@campus-ops/service/socket-client";

export interface ConfirmRequest {
  /** Absent: tells which devices are waiting. */
  readonly device: string | undefined;
  /** `campus-node`, where several agents run on this machine. */
  readonly edge: string | undefined;
  readonly anyway: boolean;
}

export interface Confirmation {
  readonly lines: readonly string[];
  readonly done: boolean;
}

interface Entry {
  readonly device: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly class: keyof typeof DEVICE_CLASSES;
  readonly path: string;
  readonly state: "checking" | "waiting" | "confirmed";
  readonly online: boolean;
  readonly wrong: readonly string[];
}

const STATES: Readonly<Record<Entry["state"], { readonly zh: string; readonly en: string }>> = {
  checking: { zh: "读数检查中", en: "its readings are being checked" },
  waiting: { zh: "待人工确认", en: "waits for you" },
  confirmed: { zh: "已确认", en: "confirmed" },
};

const SOCKET = /^edge-(.+)\.sock$/;

/** Throws {@link OperatorError} when no agent, or more than one, can be meant. */
export async function confirm(
  run: string,
  { anyway, device, edge }: ConfirmRequest,
  language: Language,
): Promise<Confirmation> {
  const client = socketClient(join(run, `edge-${chosenEdge(run, edge)}.sock`));
  try {
    if (device === undefined) {
      const health = (await (await client.fetch("/healthz")).json()) as { commissioning: readonly Entry[] };
      return { done: true, lines: listed(health.commissioning, language) };
    }
    const query = `device=${encodeURIComponent(device)}${anyway ? "&anyway=1" : ""}`;
    const response = await client.fetch(`/confirm?${query}`, { method: "POST" });
    const outcome = (await response.json()) as { state: string; detail: string };
    const done = outcome.state === "confirmed";
    const zh = done ? `${device}：已确认` : `${device}：未确认：${outcome.detail}`;
    const en = done ? `${device}: confirmed` : `${device}: not confirmed: ${outcome.detail}`;
    return { done, lines: [language === "zh" ? zh : en] };
  } finally {
    await client.close();
  }
}

function chosenEdge(run: string, edge: string | undefined): string {
  const edges = socketsIn(run).flatMap((name) => SOCKET.exec(name)?.[1] ?? []);
  if (edge !== undefined) {
    if (edges.includes(edge)) return edge;
    throw new OperatorError(`no edge agent ${edge} runs here; running: ${edges.join(", ") || "none"}`);
  }
  const [only, ...more] = edges;
  if (only === undefined) {
    throw new OperatorError(`no edge agent runs here; CAMPUS_OPS_RUN is ${run}, is that its folder?`);
  }
  if (more.length === 0) return only;
  throw new OperatorError(`several edge agents run here; say --edge and one of ${edges.join(", ")}`);
}

function socketsIn(run: string): readonly string[] {
  try {
    return readdirSync(run);
  } catch {
    return [];
  }
}

function listed(entries: readonly Entry[], language: Language): readonly string[] {
  const open = entries.filter(({ state }) => state !== "confirmed");
  if (open.length === 0) {
    return [language === "zh" ? "没有待确认的设备" : "no device waits to be confirmed"];
  }
  return open.flatMap(({ class: deviceClass, device, online, path, state, title, wrong }) => [
    `${device}  ${title[language]}  ${DEVICE_CLASSES[deviceClass][language]}  ${path}  ${
      online ? STATES[state][language] : language === "zh" ? "无法访问" : "cannot be reached"
    }`,
    ...wrong.map((each) => `    ${each}`),
  ]);
}
