/** `campus-ops verify`: is an alarm's bundle, a report on a standard, or an audit trail, what the hub exported? It needs nothing but the file. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isTrail, verifyTrail } from "@campus-ops/dashboards/audit";
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { verifyBundle } from "@campus-ops/rules/evidence";
import { isReport, verifyReport } from "@campus-ops/rules/standards/page";
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
  const say = (zh: string, en: string): string => (language === "zh" ? zh : en);
  const refused = (problems: readonly string[]): Verdict => ({
    genuine: false,
    lines: [say(`${path}：不可信`, `${path}: not genuine`), ...problems.map((problem) => `  ${problem}`)],
  });
  if (isTrail(file)) {
    const { header, keyFingerprint, links, problems } = verifyTrail(file);
    if (problems.length > 0 || header === undefined) return refused(problems);
    return {
      genuine: true,
      lines: [
        say(`${path}：完好，未被改动`, `${path}: genuine and unchanged`),
        say(
          `  审计记录 ${links} 条 · ${header.hub.zh} · ${header.exportedBy} 于 ${new Date(header.exportedAt).toISOString()} 导出`,
          `  ${links} entries of the audit trail · ${header.hub.en} · exported by ${header.exportedBy} at ${new Date(header.exportedAt).toISOString()}`,
        ),
        fingerprintLine(keyFingerprint, language),
      ],
    };
  }
  if (isReport(file)) {
    const { problems, document } = verifyReport(file);
    if (problems.length > 0 || document === undefined) return refused(problems);
    const { report, campus, exportedBy, publicKey } = document;
    const text = ({ zh, en }: { readonly zh: string; readonly en: string }): string => say(zh, en);
    return {
      genuine: true,
      lines: [
        say(`${path}：完好，未被改动`, `${path}: genuine and unchanged`),
        `  ${text(report.title)} · ${text(campus)} · ${new Date(report.at).toISOString()} · ${exportedBy}`,
        fingerprintLine(createHash("sha256").update(publicKey).digest("hex"), language),
      ],
    };
  }
  const { problems, bundle, keyFingerprint } = verifyBundle(file);
  if (problems.length > 0 || bundle === undefined) return refused(problems);
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
      fingerprintLine(keyFingerprint, language),
    ],
  };
}

const fingerprintLine = (fingerprint: string | undefined, language: Language): string =>
  language === "zh"
    ? `  签名公钥指纹 ${fingerprint}；请与平台“证据”页所示核对`
    : `  fingerprint of the signing key ${fingerprint}; compare it with what the hub itself shows`;
