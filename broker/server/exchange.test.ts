import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exchange } from "./exchange.ts";

/** Deeper than any stack, if each were a call within the one before. */
const FLOOD = 50_000;

describe("the exchange", () => {
  test("works off a flood that nobody wants any more, and is ready for the next message", () => {
    const exchange = new Exchange(1);
    let release: () => void = () => undefined;
    exchange.on("held", (_, done) => {
      release = done;
    });
    exchange.emit({ topic: "held" });
    let done = 0;
    for (let count = 0; count < FLOOD; count += 1)
      exchange.emit({ topic: "unwanted" }, () => {
        done += 1;
      });
    expect([exchange.waiting, done]).toEqual([FLOOD, 0]);
    release();
    expect([exchange.waiting, done]).toEqual([0, FLOOD]);
    const seen: string[] = [];
    exchange.on("#", ({ topic }, over) => {
      seen.push(topic);
      over();
    });
    exchange.emit({ topic: "next" });
    expect(seen).toEqual(["next"]);
  });

  test("never has more under way than it may, keeps their order, and tells the sender of each once", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat()),
        (kinds, most, chance) => {
          const exchange = new Exchange(most);
          const begun: number[] = [];
          const told: number[] = [];
          const open: { readonly id: unknown; readonly done: () => void }[] = [];
          // Of kind 0 nobody wants any; of the others as many do as the kind says.
          for (let kind = 1; kind <= 3; kind += 1)
            for (let each = 0; each < kind; each += 1)
              exchange.on(`kind/${kind}`, ({ id }, done) => {
                if (each === 0) begun.push(Number(id));
                open.push({ id, done });
              });
          kinds.forEach((kind, id) => {
            exchange.emit({ topic: `kind/${kind}`, id }, () => told.push(id));
            expect(new Set(open.map((each) => each.id)).size).toBeLessThanOrEqual(most);
          });
          while (open.length > 0) {
            const [one] = open.splice((chance.next().value ?? 0) % open.length, 1);
            one?.done();
            expect(new Set(open.map((each) => each.id)).size).toBeLessThanOrEqual(most);
          }
          const wanted = kinds.flatMap((kind, id) => (kind === 0 ? [] : [id]));
          expect(begun).toEqual(wanted);
          expect(told.toSorted((a, b) => a - b)).toEqual(kinds.map((_, id) => id));
          expect(exchange.waiting).toBe(0);
        },
      ),
    );
  });

  test("lets nothing that a delivery brings about overtake what waits", () => {
    const exchange = new Exchange(1);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    exchange.on("+", ({ topic }, done) => {
      order.push(topic);
      ends.push(done);
    });
    exchange.emit({ topic: "first" }, () => exchange.emit({ topic: "brought about" }));
    exchange.emit({ topic: "waits" });
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) end();
    expect(order).toEqual(["first", "waits", "brought about"]);
  });

  test("gives each client its turn: one that sends without end holds up nobody, and keeps its own order", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("flood", "box-1", "box-2"), { maxLength: 60 }), (clients) => {
        const exchange = new Exchange(1);
        const order: { readonly client: unknown; readonly id: number }[] = [];
        const ends: (() => void)[] = [];
        exchange.on("data", ({ clientId: client, id }, done) => {
          order.push({ client, id: Number(id) });
          ends.push(done);
        });
        for (const [id, clientId] of clients.entries()) exchange.emit({ topic: "data", clientId, id });
        for (let end = ends.shift(); end !== undefined; end = ends.shift()) end();
        expect(order).toHaveLength(clients.length);
        for (const each of ["flood", "box-1", "box-2"]) {
          const ids = order.filter(({ client }) => client === each).map(({ id }) => id);
          expect(ids).toEqual(clients.flatMap((client, id) => (client === each ? [id] : [])));
          // Its number n waits for no more than n messages of each of the others, and the one under way.
          for (const other of ["flood", "box-1", "box-2"].filter((client) => client !== each))
            ids.forEach((id, n) => {
              const before = order.slice(
                0,
                order.findIndex((at) => at.id === id),
              );
              expect(before.filter(({ client }) => client === other).length).toBeLessThanOrEqual(n + 2);
            });
        }
      }),
    );
  });

  test("gives aedes no reason to take a message for a copy, in whatever order turns bring it", () => {
    const message = fc.record({
      clientId: fc.constantFrom("flood", "box-1", "box-2"),
      qos: fc.constantFrom(0, 0, 0, 1),
      topic: fc.constantFrom("data", "data", "command"),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
        const exchange = new Exchange(1, (topic) => topic === "command");
        const newest = new Map<unknown, number>();
        const ends: (() => void)[] = [];
        let copies = 0;
        exchange.on("#", ({ brokerCounter, brokerId }, done) => {
          if (Number(brokerCounter) <= (newest.get(brokerId) ?? 0)) copies += 1;
          newest.set(brokerId, Number(brokerCounter));
          ends.push(done);
        });
        for (const [at, each] of messages.entries())
          exchange.emit({ ...each, brokerId: "aedes", brokerCounter: at + 1 });
        for (let end = ends.shift(); end !== undefined; end = ends.shift()) end();
        expect([copies, exchange.waiting]).toEqual([0, 0]);
      }),
    );
  });

  test("hands on at once what is prompt, whatever waits", () => {
    const exchange = new Exchange(1, (topic) => topic.startsWith("command/"));
    const order: string[] = [];
    // None is ever over.
    exchange.on("#", ({ topic }, _) => {
      order.push(topic);
    });
    for (const topic of ["data/1", "data/2", "command/1", "command/2"]) exchange.emit({ topic });
    expect(order).toEqual(["data/1", "command/1", "command/2"]);
    expect(exchange.waiting).toBe(1);
  });

  test("hands nothing on once it is closed, and says so", async () => {
    const exchange = new Exchange(1);
    await new Promise<void>((resolve) => exchange.close(resolve));
    const error = await new Promise<Error | undefined>((resolve) =>
      exchange.emit({ topic: "late" }, resolve),
    );
    expect(error?.message).toContain("closed");
  });
});
