import { EnvironmentError, InvalidDocumentError, OperatorError } from "@campus-ops/service";

/** Errors whose message says it all: shown to the operator as they are, without a stack. */
export function isForTheOperator(error: unknown): error is Error {
  if (error instanceof OperatorError || error instanceof EnvironmentError) return true;
  if (error instanceof InvalidDocumentError) return true;
  // A mistyped option of the command line, from node:util's parseArgs.
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
