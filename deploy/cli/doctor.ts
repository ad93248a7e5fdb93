/** `campus-ops doctor`: one line for everything an edge agent needs, and what to do about what is missing. */
import type { Language, LocalText } from "@campus-ops/device-profiles/vocabulary";
import { type CheckResult, type CheckStatus, examine } from "@campus-ops/edge-agent/doctor";

export interface DoctorRequest {
  readonly file: string;
  readonly dataFolder: string;
  readonly ntp: string | undefined;
  readonly json: boolean;
  readonly language: Language;
}

export const EXIT_WARNING = 1;
export const EXIT_FAILED = 2;

const MARKS: Readonly<Record<CheckStatus, LocalText>> = {
  ok: { zh: "正常", en: "ok     " },
  warning: { zh: "注意", en: "warning" },
  failed: { zh: "故障", en: "FAILED " },
  skipped: { zh: "未查", en: "skipped" },
};

const CHECKS: Readonly<Record<CheckResult["check"], LocalText>> = {
  configuration: { zh: "配置", en: "configuration" },
  clock: { zh: "时钟", en: "clock" },
  disk: { zh: "磁盘", en: "disk" },
  dns: { zh: "域名", en: "name" },
  broker: { zh: "消息服务器", en: "broker" },
  certificate: { zh: "证书", en: "certificate" },
  device: { zh: "设备", en: "device" },
};

/** 0 when all is well, {@link EXIT_WARNING} or {@link EXIT_FAILED} by the worst that was found. */
export async function runDoctor(
  { dataFolder, file, json, language, ntp }: DoctorRequest,
  print: (text: string) => void,
): Promise<number> {
  const onResult = (result: CheckResult): void => {
    if (!json) for (const line of linesOf(result, language)) print(line);
  };
  const results = await examine({ file, dataFolder, ntp, onResult });
  const exit = exitOf(results);
  if (json) print(JSON.stringify({ exit, results }, undefined, 2));
  else print(summary(results, language));
  return exit;
}

export function exitOf(results: readonly CheckResult[]): number {
  if (results.some(({ status }) => status === "failed")) return EXIT_FAILED;
  return results.some(({ status }) => status === "warning") ? EXIT_WARNING : 0;
}

function linesOf(
  { advice, check, says, status, subject }: CheckResult,
  language: Language,
): readonly string[] {
  const line = `${MARKS[status][language]}  ${CHECKS[check][language]} ${subject}  ${says[language]}`;
  return advice === undefined ? [line] : [line, `      → ${advice[language]}`];
}

function summary(results: readonly CheckResult[], language: Language): string {
  const count = (status: CheckStatus): number => results.filter((each) => each.status === status).length;
  const [ok, warning, failed, skipped] = (["ok", "warning", "failed", "skipped"] as const).map(count);
  return language === "zh"
    ? `共 ${results.length} 项：正常 ${ok}，注意 ${warning}，故障 ${failed}，未查 ${skipped}`
    : `${results.length} checks: ${ok} ok, ${warning} warnings, ${failed} failed, ${skipped} skipped`;
}
