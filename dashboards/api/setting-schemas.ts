/** The shape of a setting, and of what is answered to a change of one. */
import { array, boolean, number, object, string, timestamp } from "./schemas.ts";

export const anything = { description: "the section as hub.yaml has it; null where there is none" } as const;
export const setting = object(
  {
    name: string,
    source: { enum: ["hub.yaml", "console"] },
    value: anything,
    version: string,
    by: string,
    at: timestamp,
  },
  ["by", "at"],
);
const problem = object({ field: string, line: number, zh: string, en: string }, ["line"]);
export const answer = object({ saved: boolean, problems: array(problem), setting });
