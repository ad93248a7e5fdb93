/** The box's update service as deploy/image/README.md describes it: what runs, how an installation goes, and asking for one. */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { ServiceStatus } from "../core/update.ts";

const ANSWER_BYTES_MAX = 16 * 1024;
const ANSWER_MS_MAX = 10_000;

/** Below the root of the machine's files; "/" but in tests. */
export interface UpdatePlaces {
  readonly image: string;
  readonly status: string;
  readonly socket: string;
}

export const updatePlaces = (root: string): UpdatePlaces => ({
  image: join(root, "usr/lib/campus-ops/image.json"),
  status: join(root, "run/campus-ops/update.json"),
  socket: join(root, "run/campus-ops/update.sock"),
});

/** What hardware this box takes bundles for; undefined for one that was not made from the image. */
export function imageOf({ image }: UpdatePlaces): string | undefined {
  const { compatible } = parsed(image) ?? {};
  return typeof compatible === "string" ? compatible : undefined;
}

/** Undefined while the service says nothing. */
export function statusOf({ status }: UpdatePlaces): ServiceStatus | undefined {
  const said = parsed(status);
  const running = said?.running as { readonly version?: unknown } | undefined;
  if (typeof said?.state !== "string" || typeof said.at !== "string") return undefined;
  const { at, message, percent, state, target } = said;
  return {
    state,
    at,
    running: { version: typeof running?.version === "string" ? running.version : "" },
    ...(typeof percent === "number" ? { percent } : {}),
    ...(typeof target === "string" ? { target } : {}),
    ...(isLocalText(message) ? { message } : {}),
  };
}

export type ServiceAnswer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: string; readonly message: LocalText };

/** Has `file` installed, and the box restarted when it is. Rejects where the service does not answer. */
export function askForInstallation({ socket: path }: UpdatePlaces, file: string): Promise<ServiceAnswer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.write(`${JSON.stringify({ install: file, restart: true })}\n`));
    socket.setEncoding("utf8");
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error("the update service does not answer")));
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_BYTES_MAX) socket.destroy(new Error("the update service says too much"));
    });
    socket.once("error", reject);
    socket.once("close", () => {
      const answer = answerOf(text);
      if (answer === undefined) reject(new Error("the update service gave no answer"));
      else resolve(answer);
    });
  });
}

function answerOf(text: string): ServiceAnswer | undefined {
  const said = objectIn(text);
  if (said?.accepted === true) return { accepted: true };
  if (said?.accepted !== false) return undefined;
  const { code, message } = said;
  const unknown = { zh: "更新服务拒绝", en: "the update service refused" };
  return {
    accepted: false,
    code: typeof code === "string" ? code : "",
    message: isLocalText(message) ? message : unknown,
  };
}

function parsed(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectIn(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isLocalText(value: unknown): value is LocalText {
  const { en, zh } = (value ?? {}) as { readonly en?: unknown; readonly zh?: unknown };
  return typeof zh === "string" && typeof en === "string";
}
