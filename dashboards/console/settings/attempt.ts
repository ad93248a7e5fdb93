import { useState } from "react";

/** Runs what a button is for: one at a time, and what went wrong stays to be read until the next try. */
export function useAttempt() {
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await work();
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  };
  return { attempt, busy, failure };
}
