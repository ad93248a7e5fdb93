/** One command of `campus-ops`. */
export interface Command {
  /** Without the program's name: `up --config hub.yaml`. */
  readonly usage: string;
  readonly summary: string;
  /** Resolves with the exit code. Rejects with what the operator must know. */
  run(args: readonly string[]): Promise<number>;
}
