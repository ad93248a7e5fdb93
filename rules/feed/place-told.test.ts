import { soon } from "@campus-ops/service/testing/soon";
import { expect, test } from "vitest";
import { PlaceTold } from "./place-told.ts";

/** An ingest that answers when it is told to. */
function ingest() {
  const heard: number[] = [];
  const answers: (() => void)[] = [];
  const place = new PlaceTold({
    fetch: (async (_path: string, init: { body: string }) => {
      heard.push((JSON.parse(init.body) as { seq: number }).seq);
      await new Promise<void>((resolve) => answers.push(resolve));
      return new Response(null, { status: 204 });
    }) as never,
  });
  return { heard, answer: () => answers.shift()?.(), place };
}

test("the newest place is told in the end, and only one word of it is under way", async () => {
  const { heard, answer, place } = ingest();
  for (let seq = 1; seq <= 100; seq += 1) place.tell(seq);
  expect(heard).toEqual([1]);
  answer();
  await soon(() => expect(heard).toEqual([1, 100]));
  answer();
  place.tell(100);
  place.tell(101);
  await soon(() => expect(heard).toEqual([1, 100, 101]));
  place.stop();
});

test("an ingest that is away is told the next place all the same", async () => {
  const heard: string[] = [];
  const place = new PlaceTold({
    fetch: async (_, init) => {
      heard.push(String(init?.body));
      throw new Error("away");
    },
  });
  place.tell(1);
  place.tell(2);
  await soon(() => expect(heard).toHaveLength(2));
  place.stop();
});
