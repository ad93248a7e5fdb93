/** What questions about a range of time, or about what is new since the last one, have in common. */
import { Problem } from "@campus-ops/service";

export const TIME = { type: "integer", minimum: 0, maximum: 8.64e15 } as const;
export const RANGE = {
  type: "object",
  required: ["from", "to"],
  properties: { from: TIME, to: TIME },
} as const;
export const CURSOR = { type: "object", properties: { after: { type: "integer", minimum: 0 } } } as const;

/** Throws a {@link Problem} of a range that holds nothing. */
export function demandRange({ from, to }: { readonly from: number; readonly to: number }): void {
  if (to <= from)
    throw new Problem(400, "Bad request", "`to` must be later than `from`", "结束时间必须晚于开始时间");
}
