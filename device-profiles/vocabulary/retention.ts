/**
 * Classes of data, the most precious first. The outbox gives way from the end of this list, never from its beginning,
 * and drains from its beginning.
 */
export const DATA_CLASSES = ["alarm", "access", "state", "telemetry", "bulk"] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** 0 is the most precious. */
export function dataClassRank(dataClass: DataClass): number {
  return DATA_CLASSES.indexOf(dataClass);
}

/** Alarm and access: what a reserve is kept for, at the edge and in the hub. */
export function isPrecious(dataClass: DataClass): boolean {
  return dataClass === "alarm" || dataClass === "access";
}
