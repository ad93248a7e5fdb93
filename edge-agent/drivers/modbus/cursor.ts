import { type LogCursor, START_OF_LOG } from "@campus-ops/device-profiles/profiles/modbus-log";

/** The cursor as the agent keeps it for us: JSON. */
export const formatCursor = (cursor: LogCursor): string => JSON.stringify(cursor);

/**
 * The reverse. A text that is no cursor of ours starts again from the beginning of the ring: that tells some records
 * again, under the ids they had before, and loses none.
 */
export function parseCursor(text: string | undefined): LogCursor {
  if (text === undefined) return START_OF_LOG;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return START_OF_LOG;
  }
  return isCursor(value) ? value : START_OF_LOG;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isCursor(value: unknown): value is LogCursor {
  if (typeof value !== "object" || value === null) return false;
  const { begun, serial, id, lost, lostMore, waits } = value as Partial<Record<keyof LogCursor, unknown>>;
  return (
    typeof begun === "boolean" &&
    isCount(serial) &&
    typeof id === "string" &&
    isCount(lost) &&
    typeof lostMore === "boolean" &&
    isCount(waits)
  );
}
