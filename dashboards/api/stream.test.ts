/** Desks that are cut off, that read slowly and that come back: nobody misses anything, nobody hears anything twice. */

import { get, type IncomingMessage } from "node:http";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { EventStreamParser } from "./event-stream.ts";
import type { Authenticate } from "./identity.ts";
import { LiveFeed } from "./live-feed.ts";
import { openFolder, title, type World, world } from "./testing/world.ts";

const EAST = "990100/990102/first";
const WEST = "990100/990121/third";

test("whenever a page is cut off, it hears each event of its places once and in order", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("east" as const) }),
    fc.record({ kind: fc.constant("west" as const) }),
    fc.record({ kind: fc.constant("cut" as const) }),
    fc.record({ kind: fc.constant("back" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const feed = new LiveFeed(() => undefined);
      const heard: number[] = [];
      let last = 0;
      let leave: (() => void) | undefined;
      const hear = ({ path, seq }: { readonly path: string | undefined; readonly seq: number }): void => {
        // As the browser does: what it heard last is where it goes on.
        last = seq;
        if (path === EAST) heard.push(seq);
      };
      const come = (): void => {
        if (leave !== undefined) return;
        for (const event of feed.since(last) ?? []) hear(event);
        leave = feed.listen(hear);
      };
      const sent: number[] = [];
      come();
      for (const { kind } of steps) {
        if (kind === "cut") {
          leave?.();
          leave = undefined;
        } else if (kind === "back") come();
        else {
          feed.publish("alarm", "{}", kind === "east" ? EAST : WEST);
          if (kind === "east") sent.push(feed.seq);
        }
      }
      come();
      expect(heard).toEqual(sent);
    }),
  );
});

const EVENTS = 600;
/** So many of them are more than a socket's buffers and what the hub holds for one page. */
const FILLING = "x".repeat(20_000);
/** Twice what the ring keeps at least. */
const OVERRUN = 41_000;

let close: () => Promise<void>;
let site: World;
const authenticate: Authenticate = () => ({ user: "desk", title: title("desk"), grants: everyRoleAt("") });

beforeEach(async () => {
  close = await openFolder();
  site = await world(authenticate);
});
afterEach(() => close());

interface Reader {
  readonly answer: IncomingMessage;
  readonly numbers: number[];
  readonly reset: Promise<void>;
  last(): string;
  until(number: number): Promise<void>;
}

async function open(lastEventId?: string, query = ""): Promise<Reader> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  // A test that ends takes its pages' connections with it.
  get(`${site.url}/api/v1/stream${query}`, { agent: false, headers }, resolve).on("error", () => undefined);
  const answer = await promise;
  const parser = new EventStreamParser();
  const numbers: number[] = [];
  let last = "";
  const reset = Promise.withResolvers<void>();
  let told = Promise.withResolvers<void>();
  answer.setEncoding("utf8");
  answer.on("error", () => undefined);
  answer.on("data", (text: string) => {
    for (const { data, event, id } of parser.push(text)) {
      last = id ?? last;
      if (event === "reset") reset.resolve();
      if (event === "alarm") numbers.push((JSON.parse(data) as { number: number }).number);
    }
    told.resolve();
    told = Promise.withResolvers();
  });
  return {
    answer,
    numbers,
    reset: reset.promise,
    last: () => last,
    until: async (number) => {
      while (numbers.at(-1) !== number) await told.promise;
    },
  };
}

const publish = (number: number): void =>
  site.feed.publish("alarm", JSON.stringify({ number, FILLING }), EAST);
const all = Array.from({ length: EVENTS }, (_, number) => number);

test("a desk that stops reading costs the others nothing, and has missed nothing when it reads on", async () => {
  const quick = await open();
  const slow = await open();
  publish(0);
  await Promise.all([quick.until(0), slow.until(0)]);
  slow.answer.pause();
  for (const number of all.slice(1)) {
    publish(number);
    if (number % 20 === 0) await quick.until(number);
  }
  await quick.until(EVENTS - 1);
  expect(quick.numbers).toEqual(all);
  expect(slow.numbers.length).toBeLessThan(EVENTS);
  slow.answer.resume();
  await slow.until(EVENTS - 1);
  expect(slow.numbers).toEqual(all);
});

test("a desk that was away for megabytes is told all of it, once, on its first connection", async () => {
  const before = await open();
  publish(0);
  await before.until(0);
  before.answer.destroy();
  for (const number of all.slice(1)) publish(number);
  const back = await open(before.last());
  await back.until(EVENTS - 1);
  expect([...before.numbers, ...back.numbers]).toEqual(all);
});

test("a desk that has not read for longer than the ring reaches is let go, and told to load afresh", async () => {
  const stuck = await open();
  publish(0);
  await stuck.until(0);
  stuck.answer.pause();
  const gone = new Promise<void>((resolve) => stuck.answer.once("close", resolve));
  for (const number of all.slice(1)) publish(number);
  for (let count = 0; count < OVERRUN; count += 1) site.feed.publish("alarm", '{"number":-1}', EAST);
  stuck.answer.resume();
  await gone;
  const back = await open(stuck.last());
  await back.reset;
  expect(site.feed.listeners).toBe(1);
});

test("a page hears what changed since its lists were looked up, once, without having asked for them again", async () => {
  publish(0);
  const list = await fetch(`${site.url}/api/v1/site`);
  const position = list.headers.get("stream-position") ?? "";
  publish(1);
  publish(2);
  const page = await open(undefined, `?after=${position}`);
  publish(3);
  await page.until(3);
  expect(page.numbers).toEqual([1, 2, 3]);
  // What it heard last comes before where it once began.
  page.answer.destroy();
  const back = await open(page.last(), `?after=${position}`);
  publish(4);
  await back.until(4);
  expect(back.numbers).toEqual([4]);
});

test("a page whose lists another run of the hub has answered is told to load afresh", async () => {
  const page = await open(undefined, "?after=another.3");
  await page.reset;
  publish(7);
  await page.until(7);
  expect(page.numbers).toEqual([7]);
});
