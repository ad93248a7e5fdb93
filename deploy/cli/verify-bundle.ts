/** `campus-ops verify`: is an alarm's bundle what the hub exported? It needs nothing but the file. */
import { readFileSync } from "node:fs";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { verifyBundle } from "@campus-ops/rules/evidence";
import { OperatorError } from "@campus-ops/service";

export interface Verdict {
  readonly genuine: boolean;
  readonly lines: readonly string[];
}

/** Throws {@link OperatorError} when the file cannot be read. */
export function verdictOn(path: string, language: Language): Verdict {
  let file: string;
  try {
    file = readFileSync(path, "utf8");
  } catch (error) {
    throw new OperatorError(
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    );
  }
  const { problems, bundle, keyFingerprint } = verifyBundle(file);
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en);
  if (problems.length > 0 || bundle === undefined) {
    return {
      genuine: false,
      lines: [say(`${path}：不可信`, `${path}: not genuine`), ...problems.map((problem) => `  ${problem}`)],
    };
  }
  const { alarm, exportedAt, exportedBy, chain, head } = bundle;
  return {
    genuine: true,
    lines: [
      say(`${path}：完好，未被改动`, `${path}: genuine and unchanged`),
      `  ${language === "zh" ? alarm.title.zh : alarm.title.en} · ${alarm.device.key} · ${new Date(alarm.raisedAt).toISOString()}`,
      say(
        `  ${exportedBy} 于 ${new Date(exportedAt).toISOString()} 导出；记录 ${chain.length} 条，链首第 ${head.n} 条`,
        `  exported by ${exportedBy} at ${new Date(exportedAt).toISOString()}; ${chain.length} links, head of the chain ${head.n}`,
      ),
      say(
        `  签名公钥指纹 ${keyFingerprint}；请与平台“证据”页所示核对`,
        `  fingerprint of the signing key ${keyFingerprint}; compare it with what the hub itself shows`,
      ),
    ],
  };
}
