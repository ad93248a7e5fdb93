import fc from "fast-check";
import { expect, test } from "vitest";
import { EVENT_BYTES_MAX, EventStreamParser, formatEvent } from "./event-stream.ts";

test("an event comes out the same, however its bytes were cut", () => {
  const event = fc.record({
    event: fc.constantFrom("alarm", "device"),
    data: fc.json().map((text) => JSON.stringify(JSON.parse(text))),
    id: fc.stringMatching(/^[a-z0-9-]{1,12}$/),
  });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(400)), (events, cuts) => {
      const text = events.map(formatEvent).join("");
      const parser = new EventStreamParser();
      const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const read = places.slice(1).flatMap((end, index) => parser.push(text.slice(places[index], end)));
      expect(read).toEqual(events);
    }),
  );
});

test("comments and unknown fields are passed over, and data on several lines is joined", () => {
  const parser = new EventStreamParser();
  expect(parser.push(": keep-alive\nretry: 10\ndata: a\ndata:b\n\n")).toEqual([
    { event: "message", data: "a\nb" },
  ]);
});

test("a blank line without data is no event", () => {
  expect(new EventStreamParser().push("event: alarm\n\n\n")).toEqual([]);
});

test("a line that never ends is given up instead of filling the memory", () => {
  const parser = new EventStreamParser();
  expect(() => parser.push("x".repeat(EVENT_BYTES_MAX + 1))).toThrow(RangeError);
});
