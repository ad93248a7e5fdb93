import type { Language } from "@campus-ops/device-profiles/vocabulary";
import { EnvironmentError, formatProblem, InvalidDocumentError, OperatorError } from "@campus-ops/service";

/** Errors whose message says it all: shown to the operator as they are, without a stack. */
export function isForTheOperator(error: unknown): error is Error {
  if (error instanceof OperatorError || error instanceof EnvironmentError) return true;
  if (error instanceof InvalidDocumentError) return true;
  // A mistyped option of the command line, from node:util's parseArgs.
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** What such an error says to somebody who reads that language. */
export function toldIn(language: Language, error: Error): string {
  if (error instanceof InvalidDocumentError)
    return error.problems.map((problem) => formatProblem(problem, language)).join("\n");
  return language === "zh" && error instanceof OperatorError ? (error.zh ?? error.message) : error.message;
}
