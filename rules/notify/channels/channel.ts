/** The port between the queue of messages and the ways by which they reach people. */
import type { Notice, Wording } from "../../core/people/wording.ts";

export interface Message extends Wording {
  /** The same for every attempt at this message: a receiver that keeps it sees no message twice. */
  readonly id: string;
  readonly notices: readonly Notice[];
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

export interface Channel {
  /** Each gets a message of its own, with attempts of its own; one nameless recipient when absent. */
  readonly recipients?: readonly string[];
  /**
   * Resolves when the other side has taken the message, with what it said (its receipt). Rejects with a
   * {@link ChannelError}; gives up when `signal` aborts.
   */
  send(message: Message, signal: AbortSignal, recipient: string): Promise<string>;
  close?(): Promise<void>;
}

/** `retry` false: the same message will never be taken, whatever the time. Messages never hold a secret. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly retry: boolean;
  constructor(message: string, options: { readonly retry: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retry = options.retry;
  }
}

/** What an operator reads of an error that is not ours; addresses with secrets in them are never part of it. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const { cause } = error;
  const code = codeOf(error) ?? codeOf(cause);
  if (code !== undefined) return code;
  // What fetch says itself is “fetch failed”; why stands in its cause, which names no address.
  return cause instanceof Error ? cause.message : error.name;
}

function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}
