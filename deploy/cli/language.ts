/** In which language a command speaks to the person who gave it. */
import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError } from "@campus-ops/service";

/** What `--lang` says; else English where the locale is English; else Chinese. */
export function chosenLanguage(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  if (option === "zh" || option === "en") return option;
  if (option !== undefined) throw new OperatorError(`--lang is zh or en, not ${JSON.stringify(option)}`);
  // The order of POSIX (XBD 8.2).
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || "";
  return locale.startsWith("en") ? "en" : "zh";
}
