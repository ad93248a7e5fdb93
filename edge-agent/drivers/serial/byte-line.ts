/** One open line of bytes, whatever carries it. */
import { DriverError } from "../driver.ts";

export interface ByteLine {
  /** Hands bytes to the operating system, which sends them in order. */
  write(bytes: Uint8Array): void;
  /** Resolves when the port is free for others; {@link LineEvents.ended} is not called for it. */
  close(): Promise<void>;
}

export interface LineEvents {
  received(bytes: Uint8Array): void;
  /** The line broke; called once, and nothing after it. */
  ended(why: DriverError): void;
}

/** The first end of a line is its end, and none is once it is forgotten. */
export function once(tell: (why: DriverError) => void): { (why: DriverError): void; forget(): void } {
  let told = false;
  const end = (why: DriverError): void => {
    if (told) return;
    told = true;
    tell(why);
  };
  return Object.assign(end, {
    forget: () => {
      told = true;
    },
  });
}

export function unreachable(what: string, cause?: unknown): DriverError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new DriverError("unreachable", `${what}${detail}`, { retry: true, cause });
}

export function gaveUp(signal: AbortSignal): DriverError {
  return new DriverError("timeout", "gave up opening the line", { retry: true, cause: signal.reason });
}
