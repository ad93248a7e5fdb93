import { describe, expect, test } from "vitest";
import { ALARM_EVENTS, ALARM_STATES, nextState } from "./lifecycle.ts";

// Columns in the order of ALARM_EVENTS; a dot is “no transition”.
// N normal · U unacknowledged · A acknowledged · R returned-unacknowledged · L latched · S shelved ·
// D suppressed-by-design · O out-of-service
const TABLE = `
event                      N U A R L S D O
raise                      U . . U U . . .
return                     . R N . . . N .
latch                      . L L . . . . .
acknowledge                . A . N L . . .
confirm                    N A A N . . . .
refute                     N N N N . . . .
reset                      . . . . N . . .
shelve                     . S S . . . . .
unshelve-active            . . . . . U . .
unshelve-clear             . . . . . N . .
suppress                   D D D D . . . .
release                    . . . . . . U .
remove-from-service        O O O O . O O .
return-to-service-active   . . . . . . . U
return-to-service-clear    . . . . . . . N
comment                    N U A R L S D O
assign                     N U A R L S D O
`;
const STATE_OF: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  [..."NUARLSDO"].map((letter, index) => [letter, ALARM_STATES[index]]),
);

describe("the alarm life cycle", () => {
  const [, ...rows] = TABLE.trim().split("\n");
  test("has a row here for every event there is", () => {
    expect(rows.map((row) => row.split(/\s+/)[0])).toEqual([...ALARM_EVENTS]);
  });
  for (const row of rows) {
    const [name, ...cells] = row.split(/\s+/);
    const event = ALARM_EVENTS.find((each) => each === name);
    for (const [index, from] of ALARM_STATES.entries()) {
      const to = STATE_OF[cells[index] ?? "?"];
      test(`${name} from ${from}: ${to ?? "no transition"}`, () => {
        expect(event && nextState(from, event)).toBe(to);
      });
    }
  }
});
