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
  return localeOf(environment).startsWith("en") ? "en" : "zh";
}

/**
 * Of an error that ends a command, which may come before its options are read. Where the locale says nothing (`C`: a service, a
 * script) it is English, which is what logs are in.
 */
export function languageOfErrors(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const said = args.includes("--lang") ? args[args.indexOf("--lang") + 1] : localeOf(environment);
  return said?.startsWith("zh") === true ? "zh" : "en";
}

/** The order of POSIX (XBD 8.2). */
function localeOf(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || "";
}
