/** `campus-ops enrol` on a box: its key is made here, and what the hub has signed is brought in. */
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import {
  certificateRequest,
  EnrolmentError,
  identityFiles,
  install,
  keyIn,
  pinOf,
  readIfThere,
} from "@campus-ops/edge-agent/enrolment";
import { OperatorError } from "@campus-ops/service";
import { outFile, readSmall, required, type Say } from "./enrol-files.ts";

export interface BoxEnrolOptions {
  /** The agent's configuration. */
  readonly config: string;
  readonly out?: string | undefined;
  readonly "ca-sha256"?: string | undefined;
}

type BoxVerb = "request" | "install";

export const isBoxVerb = (verb: string): verb is BoxVerb => verb === "request" || verb === "install";

/** Does what the words say; the lines to print. Throws {@link OperatorError}. */
export function enrolBox(
  verb: BoxVerb,
  file: string | undefined,
  options: BoxEnrolOptions,
  language: Language,
): readonly string[] {
  const say: Say = (zh, en) => (language === "zh" ? zh : en);
  return verb === "request" ? request(options, say) : installFile(required(file, say), options, say);
}

/** On a box: its key is made here and stays here, the request travels. */
function request({ config, out }: BoxEnrolOptions, say: Say): readonly string[] {
  const { pendingKey } = identityFiles(config);
  const target = outFile(out, `${hostname()}.request.pem`, say);
  writeFileSync(target, certificateRequest(keyIn(pendingKey), hostname()), { flag: "wx" });
  return [
    say(
      `已写入 ${target}；带到中心执行：campus-ops enrol sign`,
      `wrote ${target}; at the hub: campus-ops enrol sign`,
    ),
  ];
}

function installFile(
  file: string,
  { "ca-sha256": pin, config }: BoxEnrolOptions,
  say: Say,
): readonly string[] {
  const key = readIfThere(identityFiles(config).pendingKey);
  if (key === undefined) {
    throw new OperatorError(
      say(
        "本机没有待签发的密钥；先执行 campus-ops-edge enrol request",
        "no key waits here; first: campus-ops-edge enrol request",
      ),
    );
  }
  const signed = parseSigned(readSmall(file), say);
  const fingerprint = pinOf(signed.authority);
  if (pin !== undefined && pin.toLowerCase().replaceAll(":", "") !== fingerprint) {
    throw new OperatorError(
      say(
        `证书指纹不符：文件中为 ${fingerprint}`,
        `the fingerprint is another one: the file has ${fingerprint}`,
      ),
    );
  }
  try {
    install({ ...signed, key, configurationFile: config });
  } catch (error) {
    if (error instanceof EnrolmentError) throw new OperatorError(`${file}: ${error.message}`);
    throw error;
  }
  return [
    say(`已入网，配置在 ${config}`, `enrolled; the configuration is ${config}`),
    say(`请与中心核对证书指纹 ${fingerprint}`, `compare the fingerprint with the hub's: ${fingerprint}`),
  ];
}

function parseSigned(text: string, say: Say) {
  const wrong = (): OperatorError =>
    new OperatorError(say("这不是中心签发的文件", "this is not what campus-ops enrol sign writes"));
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw wrong();
  }
  const { authority, certificate, configuration, enrolmentUrl } = value;
  if (typeof authority !== "string" || typeof certificate !== "string" || typeof enrolmentUrl !== "string")
    throw wrong();
  return { authority, certificate, configuration, enrolmentUrl };
}
