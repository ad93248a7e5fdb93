import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlarmState } from "../../api.ts";
import { BEGIN, BOX, Journal, newEngine, RULES } from "../../testing/campus.ts";
import type { Effect } from "../effect.ts";
import { alarmId } from "../identity.ts";
import type { DataInput, Input, PersonAction, Scalar } from "../input.ts";
import type { AlarmRecord } from "../view.ts";
import { stateOf } from "./alarm-replica.ts";
import { AlarmBook, type BookEntry, owedTo } from "./book.ts";
import { carryOver } from "./carry.ts";
import { factsIn } from "./difference.ts";
import { BEGINNING } from "./hybrid-clock.ts";
import { tellingOf } from "./telling.ts";
import { CLEARANCES, type Clearance } from "./upward.ts";
import { readFacts, writeFacts } from "./wire.ts";

const GATE = `${BOX}/gate`;
const PANIC = `${BOX}/panic`;
const TAMPER = alarmId("gate-tamper", GATE, undefined);
const PRESSED = alarmId("panic-pressed", PANIC, undefined);
const PLACES: Readonly<Record<string, string>> = { school: "990100/990101/school" };
const STRICT: ReadonlySet<Clearance> = new Set();

/** One hub: its book, the alarms it shows, and what of it has not been taken over its line. */
class Hub {
  readonly alarms = new Map<string, AlarmRecord>();
  readonly kept = new Map<string, BookEntry>();
  readonly engine = newEngine();
  readonly book: AlarmBook;
  readonly name: string;
  readonly effects: Effect[] = [];
  #seq = 0;

  constructor(name: string) {
    this.name = name;
    this.book = new AlarmBook({
      hub: name,
      shelf: {
        entry: (alarm) => this.kept.get(alarm),
        standingOf: (hub) =>
          [...this.kept].flatMap(([id, { told }]) => (told?.via.startsWith(hub) === true ? [id] : [])),
      },
      campusPath: (campus) => PLACES[campus] ?? campus,
      rule: (id) => RULES.find((rule) => rule.id === id),
      clock: BEGINNING,
    });
  }

  read(input: Input): void {
    const own = this.engine.step(input);
    this.book.observe(own);
    this.#keep([...own, ...this.book.take(input, this.#seq)]);
  }

  act(alarm: string, action: PersonAction, at: number, by: string, assignee: string | null = "电工"): void {
    const input = { kind: "action", seq: 0, receivedAt: at, alarm, action, by } as const;
    const asked = { ...input, comment: "检修", duration_ms: 60_000, assignee };
    const told = this.book.isTold(alarm);
    const effects = told ? this.book.act(asked) : this.engine.step(asked);
    if (effects.some(({ kind }) => kind === "refused")) return;
    if (!told) this.book.observe(effects);
    this.#keep(effects);
  }

  /** What this hub's agent would tell its parent now, as it comes out of the parent's journal. */
  telling(group: string, at: number, clears = STRICT): readonly DataInput[] {
    return [...this.alarms.values()].map((alarm) => {
      const entry = this.entry(alarm.id);
      const rule = RULES.find((each) => each.id === alarm.rule);
      const fields = tellingOf(alarm, entry, this.name, clears, rule);
      const event = {
        name: "HubAlarm/Changed",
        id: `${at}`,
        fields,
        quality: { status: "good" },
        eventTime: at,
      };
      return {
        kind: "data",
        seq: 0,
        receivedAt: at,
        address: `${group}/hub/school`,
        samples: [],
        events: [{ ...event, historical: false } as DataInput["events"][number]],
      };
    });
  }

  /** Commands for the hub that told its alarms. */
  owed(): readonly string[] {
    return [...this.alarms.keys()].flatMap((id) => {
      const part = owedTo(this.entry(id));
      return part === undefined ? [] : [writeFacts({ replica: part, heard: {} })];
    });
  }

  hear(command: string, at: number): void {
    const read = readFacts(command);
    if (read === undefined) throw new Error(`no facts: ${command}`);
    this.#keep(carryOver(this.engine, this.book, read.replica, 0, at)?.effects ?? []);
  }

  entry(alarm: string): BookEntry {
    const entry = this.book.entry(alarm);
    if (entry === undefined) throw new Error(`${this.name} does not know ${alarm}`);
    return entry;
  }

  /** Whose it is here and who said so, as the campus itself would call them. */
  assigned(alarm: string): readonly string[] {
    const { assigned } = this.alarms.get(alarm) ?? {};
    return assigned === undefined ? [] : [assigned.to, assigned.by];
  }

  /** One that nobody has told of yet is normal. */
  state(alarm: string): AlarmState {
    return this.alarms.get(alarm)?.state ?? "normal";
  }

  #keep(effects: readonly Effect[]): void {
    for (const effect of effects)
      if (effect.kind === "transition") this.alarms.set(effect.alarm.id, effect.alarm);
    this.effects.push(...effects);
    for (const [id, entry] of this.book.takeChanges().entries) this.kept.set(id, entry);
  }
}

class Tree {
  readonly campus = new Hub("school");
  readonly county = new Hub("990101");
  readonly city = new Hub("990100");

  up(at: number, between: "campus" | "county"): void {
    const [from, to] = between === "campus" ? [this.campus, this.county] : [this.county, this.city];
    for (const input of from.telling(from.name, at)) to.read(input);
  }

  down(at: number, between: "campus" | "county"): void {
    const [from, to] = between === "campus" ? [this.county, this.campus] : [this.city, this.county];
    for (const command of from.owed()) to.hear(command, at);
  }

  heal(at: number): void {
    for (let round = 0; round < 3; round += 1) {
      this.up(at, "campus");
      this.up(at, "county");
      this.down(at, "county");
      this.down(at, "campus");
    }
    this.up(at, "campus");
    this.up(at, "county");
  }
}

const born = () =>
  new Journal()
    .birth(0, BOX, "edge-box")
    .birth(0, GATE, "access-gate", { "Door/Tamper": false })
    .birth(0, PANIC, "panic-button", { "Panic/Pressed": false });

type Step =
  | { readonly do: "set"; readonly device: 0 | 1; readonly value: boolean }
  | {
      readonly do: "act";
      readonly hub: "campus" | "county" | "city";
      readonly alarm: 0 | 1;
      readonly action: PersonAction;
      readonly assignee: string | null;
    }
  | { readonly do: "up" | "down"; readonly between: "campus" | "county" };
const ACTIONS = [
  "acknowledge",
  "comment",
  "assign",
  "shelve",
  "unshelve",
  "reset",
  "remove-from-service",
  "return-to-service",
] as const;
const which = fc.constantFrom(0 as const, 1 as const);
const line = fc.constantFrom("campus" as const, "county" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("set" as const), device: which, value: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("act" as const),
      hub: fc.constantFrom("campus" as const, "county" as const, "city" as const),
      alarm: which,
      action: fc.constantFrom(...ACTIONS),
      assignee: fc.constantFrom("电工", "校医", null),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("up" as const, "down" as const), between: line }) },
);

/** Plays the steps a quarter of a minute apart, each followed by the campus's own clock. */
function played(steps: readonly Step[]): { readonly tree: Tree; readonly at: number } {
  const tree = new Tree();
  const journal = born();
  const read = (): void => {
    for (const input of journal.inputs.splice(0)) tree.campus.read(input);
  };
  read();
  let offset = 1_000;
  for (const each of steps) {
    offset += 15_000;
    const at = BEGIN + offset;
    if (each.do === "set")
      journal.set(
        offset,
        each.device === 0 ? GATE : PANIC,
        each.device === 0 ? "Door/Tamper" : "Panic/Pressed",
        each.value,
      );
    else if (each.do === "act")
      tree[each.hub].act(
        each.alarm === 0 ? TAMPER : PRESSED,
        each.action,
        at,
        `p-${each.hub}`,
        each.assignee,
      );
    else if (each.do === "up") tree.up(at, each.between);
    else tree.down(at, each.between);
    for (let second = 1; second <= 14; second += 1) journal.clock(offset + second * 1_000);
    read();
  }
  return { tree, at: BEGIN + offset + 15_000 };
}

describe("three hubs that know one alarm", () => {
  test("have it in one state once they have heard of each other, whatever was done where and which messages came when", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 40, size: "max" }), (steps) => {
        const { at, tree } = played(steps);
        tree.heal(at);
        for (const alarm of [TAMPER, PRESSED]) {
          if (!tree.campus.alarms.has(alarm)) continue;
          const own = tree.campus.state(alarm);
          expect(own).toBe(tree.campus.engine.alarm(alarm)?.state);
          expect([
            stateOf(tree.campus.entry(alarm).replica),
            tree.county.state(alarm),
            tree.city.state(alarm),
          ]).toEqual([own, own, own]);
          // The campus calls its own people by name; above, each of them is somebody of the campus.
          const to = tree.campus.assigned(alarm)[0];
          const said = tree.campus
            .entry(alarm)
            .replica.raisings.findLast(({ raised }) => raised !== undefined);
          expect(said?.assigned?.value ?? undefined).toBe(to);
          const above = [tree.county, tree.city].map((hub) => hub.assigned(alarm)[0]);
          if (to === undefined) expect(above).toEqual([undefined, undefined]);
          else for (const each of above) expect([to, "@school", "@990101"]).toContain(each);
        }
        expect([...tree.city.owed(), ...tree.county.owed()]).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("what rings anew while it is out of service above shows there as the new one, which is nobody's", () => {
    const { at, tree } = played([
      { do: "set", device: 0, value: true },
      { do: "act", hub: "campus", alarm: 0, action: "acknowledge", assignee: null },
      { do: "act", hub: "campus", alarm: 0, action: "assign", assignee: "电工" },
      { do: "set", device: 0, value: false },
      { do: "up", between: "campus" },
      { do: "act", hub: "county", alarm: 0, action: "remove-from-service", assignee: null },
      { do: "set", device: 0, value: true },
    ]);
    expect(tree.county.assigned(TAMPER)).toEqual(["@school", "@school"]);
    tree.heal(at);
    expect(tree.county.state(TAMPER)).toBe("out-of-service");
    expect(tree.county.assigned(TAMPER)).toEqual([]);
    expect(tree.county.alarms.get(TAMPER)).toMatchObject({
      occurrence: 2,
      raisedAt: tree.campus.alarms.get(TAMPER)?.raisedAt,
    });
  });

  test("an acknowledgement made at the city is the campus's too, and says who did it and where", () => {
    const tree = new Tree();
    for (const input of born().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000).inputs)
      tree.campus.read(input);
    tree.heal(BEGIN + 6_000);
    expect(tree.city.state(TAMPER)).toBe("unacknowledged");
    tree.city.act(TAMPER, "acknowledge", BEGIN + 7_000, "duty");
    tree.heal(BEGIN + 8_000);
    expect([tree.campus, tree.county, tree.city].map((hub) => hub.state(TAMPER))).toEqual(
      Array(3).fill("acknowledged"),
    );
    expect(tree.campus.alarms.get(TAMPER)?.acknowledged?.by).toBe("duty@990100");
    expect(tree.county.alarms.get(TAMPER)?.acknowledged?.by).toBe("duty@990100");
  });

  test("it is given to a person at the county, then at the campus: all sides follow, and no name goes up", () => {
    const tree = new Tree();
    const journal = born().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000);
    for (const input of journal.inputs.splice(0)) tree.campus.read(input);
    tree.heal(BEGIN + 6_000);
    tree.county.act(TAMPER, "assign", BEGIN + 7_000, "duty", "电工");
    tree.heal(BEGIN + 8_000);
    expect([tree.campus, tree.county, tree.city].map((hub) => hub.assigned(TAMPER))).toEqual([
      ["电工", "duty@990101"],
      ["电工", "duty@990101"],
      ["@990101", "@990101"],
    ]);
    const { effects } = tree.campus;
    expect(effects.at(-1)).toMatchObject({ transition: { event: "comment", by: "duty@990101" } });
    expect(effects.at(-2)).toMatchObject({
      transition: { event: "assign", assignee: "电工", from: "unacknowledged", to: "unacknowledged" },
    });
    tree.campus.act(TAMPER, "assign", BEGIN + 9_000, "guard", "校医");
    tree.heal(BEGIN + 10_000);
    expect([tree.campus, tree.county, tree.city].map((hub) => hub.assigned(TAMPER))).toEqual([
      ["校医", "guard"],
      ["@school", "@school"],
      ["@school", "@school"],
    ]);
    tree.city.act(TAMPER, "assign", BEGIN + 11_000, "official", null);
    tree.heal(BEGIN + 12_000);
    expect([tree.campus, tree.county, tree.city].map((hub) => hub.assigned(TAMPER))).toEqual([[], [], []]);
    tree.campus.act(TAMPER, "assign", BEGIN + 13_000, "guard", "校医");
    journal
      .set(14_000, GATE, "Door/Tamper", false)
      .set(15_000, GATE, "Door/Tamper", true)
      .quiet(16_000, 20_000);
    for (const input of journal.inputs) tree.campus.read(input);
    tree.heal(BEGIN + 21_000);
    expect([tree.campus, tree.county, tree.city].map((hub) => hub.assigned(TAMPER))).toEqual([[], [], []]);
  });

  test("the hub that raises it has the last word: what had ended there cannot be shelved elsewhere", () => {
    const tree = new Tree();
    const journal = born().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000);
    for (const input of journal.inputs.splice(0)) tree.campus.read(input);
    tree.heal(BEGIN + 6_000);
    tree.county.act(TAMPER, "shelve", BEGIN + 7_000, "duty");
    journal.set(8_000, GATE, "Door/Tamper", false).quiet(9_000, 30_000);
    for (const input of journal.inputs) tree.campus.read(input);
    expect([tree.campus.state(TAMPER), tree.county.state(TAMPER)]).toEqual([
      "returned-unacknowledged",
      "shelved",
    ]);
    tree.heal(BEGIN + 31_000);
    expect([tree.campus, tree.county, tree.city].map((hub) => hub.state(TAMPER))).toEqual(
      Array(3).fill("returned-unacknowledged"),
    );
  });

  test("a parent never raises what the child decided: each raising is there once, at every hub", () => {
    const tree = new Tree();
    const journal = born();
    for (const second of [1, 100, 200]) {
      journal
        .set(second * 1_000, GATE, "Door/Tamper", true)
        .quiet(second * 1_000 + 1_000, second * 1_000 + 4_000);
      journal.set(second * 1_000 + 5_000, GATE, "Door/Tamper", false);
      journal.quiet(second * 1_000 + 6_000, second * 1_000 + 90_000);
    }
    for (const [index, input] of journal.inputs.entries()) {
      tree.campus.read(input);
      if (index % 7 === 0) tree.heal(input.receivedAt);
    }
    tree.heal(BEGIN + 400_000);
    const raised = (hub: Hub): number =>
      hub.effects.filter((each) => each.kind === "transition" && each.transition.event === "raise").length;
    expect([raised(tree.campus), raised(tree.county), raised(tree.city)]).toEqual([3, 3, 3]);
    expect(tree.city.alarms.get(TAMPER)?.hub).toBe("990101/hub/school");
  });

  test("a hub that is cut off leaves its alarms as they were, marked as last known, until it is back", () => {
    const tree = new Tree();
    for (const input of born().set(1_000, PANIC, "Panic/Pressed", true).quiet(2_000, 5_000).inputs)
      tree.campus.read(input);
    tree.heal(BEGIN + 6_000);
    const from = { seq: 0, address: "school/hub" };
    tree.county.read({ ...from, kind: "death", receivedAt: BEGIN + 9_000 });
    tree.up(BEGIN + 9_500, "county");
    for (const hub of [tree.county, tree.city])
      expect(hub.alarms.get(PRESSED)).toMatchObject({ state: "unacknowledged", lastKnown: BEGIN + 9_000 });
    tree.county.read({ ...from, kind: "birth", receivedAt: BEGIN + 12_000, samples: [] });
    tree.up(BEGIN + 12_500, "county");
    for (const hub of [tree.county, tree.city])
      expect(hub.alarms.get(PRESSED)).not.toHaveProperty("lastKnown");
  });

  test("what is no alarm of that hub's own is not taken, and counted by why", () => {
    const county = new Hub("990101");
    const campus = new Hub("school");
    for (const input of born().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000).inputs)
      campus.read(input);
    const [told] = campus.telling("school", BEGIN + 6_000);
    if (told === undefined) throw new Error("the campus tells nothing");
    const saying = (fields: Record<string, Scalar>, address = told.address): void =>
      county.read({
        ...told,
        address,
        events: told.events.map((event) => ({ ...event, fields: { ...event.fields, ...fields } })),
      });
    saying({ facts: "{}" });
    saying({ priority: 9 });
    saying({ class: "__proto__" });
    saying({ instance: "7" });
    saying({}, "elsewhere/hub/school");
    saying({}, "school/hub/another");
    expect(county.alarms.size).toBe(0);
    expect([...county.book.refused]).toEqual([
      ["no-facts", 1],
      ["no-alarm", 3],
      ["not-its-campus", 2],
    ]);
    county.read(told);
    expect(county.alarms.size).toBe(1);
  });
});

describe("what leaves a hub", () => {
  const NAME = "姓名金丝雀";
  const tellings = (clears: ReadonlySet<Clearance>): string => {
    const campus = new Hub("school");
    const journal = born().birth(0, GATE, "access-gate", {
      "Properties/TitleZh": `${NAME}的门`,
      "Properties/TitleEn": NAME,
      "Door/Tamper": false,
    });
    for (const input of journal.set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000).inputs)
      campus.read(input);
    for (const action of ["comment", "acknowledge", "assign", "shelve"] as const)
      campus.act(TAMPER, action, BEGIN + 6_000, `${NAME}@mail.example`, NAME);
    return JSON.stringify(campus.telling("school", BEGIN + 9_000, clears));
  };

  test("names nobody of the hub, no title that somebody typed and no comment", () => {
    const told = tellings(new Set());
    expect(told).toContain("@school");
    for (const secret of [NAME, "检修", "mail.example"]) expect(told).not.toContain(secret);
  });

  test("holds titles and comments where they are cleared, and names nobody even then", () => {
    const told = tellings(new Set(CLEARANCES));
    expect([told.includes(`${NAME}的门`), told.includes("检修"), told.includes("mail.example")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("is read back as it was, or refused as a whole", () => {
    const campus = new Hub("school");
    for (const input of born().set(1_000, GATE, "Door/Tamper", true).quiet(2_000, 5_000).inputs)
      campus.read(input);
    const { heard, replica } = campus.entry(TAMPER);
    expect(readFacts(writeFacts({ replica, heard }))).toEqual({ replica, heard });
    expect(factsIn(replica).map(({ fact }) => fact.kind)).toEqual(["raised"]);
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) => readFacts(JSON.stringify({ replica: value, heard: {} })) === undefined,
      ),
    );
  });
});
