import fc from "fast-check";
import { expect, test } from "vitest";
import { NAME_BYTES_MAX, NameTable } from "./name-table.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** As the reader asks: in the middle of other bytes. */
function ask(table: NameTable, name: string, made: string[] = []): string {
  const bytes = encoder.encode(`<<${name}>>`);
  const end = bytes.length - 2;
  const known = table.find(bytes, 2, end);
  if (known !== undefined) return known;
  made.push(name);
  const text = decoder.decode(bytes.subarray(2, end));
  table.keep(bytes, 2, end, text);
  return text;
}

test("whatever names come, in whatever order and however often, each is itself", () => {
  const name = fc.oneof(fc.string({ maxLength: 6 }), fc.string({ unit: "grapheme", maxLength: 30 }));
  fc.assert(
    fc.property(fc.array(name, { maxLength: 300 }), (names) => {
      const table = new NameTable();
      for (const each of [...names, ...names]) expect(ask(table, each)).toBe(each);
    }),
  );
});

test("thousands of names that share places are each themselves", () => {
  const table = new NameTable();
  for (let round = 0; round < 2; round += 1) {
    for (let n = 0; n < 10_000; n += 1) expect(ask(table, `Port/${n}/Oper`)).toBe(`Port/${n}/Oper`);
  }
});

test("a name that came before is not made again, and one too long to be a name is not kept", () => {
  const table = new NameTable();
  const made: string[] = [];
  const long = "x".repeat(NAME_BYTES_MAX + 1);
  for (const each of ["Door/Open", "Door/Open", long, long]) ask(table, each, made);
  expect(made).toEqual(["Door/Open", long, long]);
});

test("what becomes of the packet afterwards does not change a name", () => {
  const table = new NameTable();
  const bytes = encoder.encode("Door/Open");
  table.keep(bytes, 0, bytes.length, "Door/Open");
  bytes.fill(0x41);
  expect(ask(table, "Door/Open")).toBe("Door/Open");
  expect(table.find(bytes, 0, bytes.length)).toBeUndefined();
});
