import { expect, test } from "vitest";
import { commonPlace, LiveFeed } from "./live-feed.ts";

test("a desk's places have one place that holds them all, or none", () => {
  expect(commonPlace([])).toBeUndefined();
  expect(commonPlace(["990100/990102/first/a"])).toBe("990100/990102/first/a");
  expect(commonPlace(["990100/990102/first/a", "990100/990102/first/b"])).toBe("990100/990102/first");
  expect(commonPlace(["990100/990102/first", "990100/990102/first/b"])).toBe("990100/990102/first");
  expect(commonPlace(["990100", "990200"])).toBeUndefined();
});

test("a page that comes hears how each thing stands, and nothing that has been overtaken", () => {
  const feed = new LiveFeed(() => undefined);
  feed.publish("flood", "begun", "990100", "gate");
  feed.publish("flood", "calm", "990100", "lodge");
  feed.publish("alarm", "raised", "990100");
  feed.publish("flood", "over", "990100", "gate");
  expect([...feed.standing()].map(({ data }) => data).toSorted()).toEqual(["calm", "over"]);
  feed.stop();
});
