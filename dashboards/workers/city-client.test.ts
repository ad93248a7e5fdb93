import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOnSocket } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cityClient } from "./city-client.ts";

const CAMPUSES = ["first", "second"] as const;

/** What a worker answers for one campus. */
class Campus {
  readonly server: FastifyInstance = fastify();
  readonly asked: string[] = [];
  readonly #rows: string[] = [];
  readonly #readers = new Set<(row: number) => void>();

  constructor(id: string, raisedAt: readonly number[]) {
    const alarms = raisedAt.map((at) => ({ id: `${id}-${at}`, raisedAt: at }));
    this.server.addHook("onRequest", async ({ method, url }) => {
      this.asked.push(`${method} ${url}`);
    });
    this.server.get("/alarms", () => alarms);
    this.server.get<{ Params: { id: string } }>("/alarms/:id", ({ params }, reply) => {
      const alarm = alarms.find((each) => each.id === params.id);
      return alarm ?? reply.code(404).send({ title: "No such alarm" });
    });
    this.server.post("/alarms/:id/acknowledge", ({ url }) => ({ done: url }));
    this.server.post("/commands", () => ({ at: id }));
    this.server.get("/city/*", ({ url }) => ({ city: url }));
    this.server.get("/health/figures", () => []);
    this.server.get("/rules", () => [{ id: "rule" }]);
    this.server.get("/healthz", () => ({ upTo: alarms.length }));
    this.server.get<{ Querystring: { after?: string } }>("/stream", ({ query }, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { "content-type": "text/event-stream" });
      reply.raw.write(": live\n\n");
      const send = (row: number): void => {
        reply.raw.write(`id: ${row}\nevent: alarm\ndata: ${this.#rows[row - 1]}\n\n`);
      };
      for (let row = Number(query.after ?? this.#rows.length); row < this.#rows.length; row += 1)
        send(row + 1);
      this.#readers.add(send);
      reply.raw.on("close", () => this.#readers.delete(send));
    });
  }

  get readers(): number {
    return this.#readers.size;
  }

  tell(data: string): void {
    this.#rows.push(data);
    for (const send of this.#readers) send(this.#rows.length);
  }
}

let folder: string;
let campuses: Map<string, Campus>;
let clients: Map<string, SocketClient>;
let city: SocketClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "city-"));
  campuses = new Map([
    ["first", new Campus("first", [10, 30])],
    ["second", new Campus("second", [20])],
  ]);
  clients = new Map();
  for (const [id, { server }] of campuses) {
    await listenOnSocket(server, join(folder, `${id}.sock`));
    clients.set(id, socketClient(join(folder, `${id}.sock`)));
  }
  const client = (_: string, campus: string): SocketClient => {
    const found = clients.get(campus);
    if (found === undefined) throw new Error(`nobody holds ${campus}`);
    return found;
  };
  city = cityClient({ client }, "rules", CAMPUSES);
});
afterEach(async () => {
  for (const client of clients.values()) await client.close().catch(() => undefined);
  for (const { server } of campuses.values()) {
    server.server.closeAllConnections();
    await server.close();
  }
  rmSync(folder, { recursive: true });
});

const campus = (id: string): Campus => campuses.get(id) ?? new Campus(id, []);
const json = async (path: string, init?: object): Promise<unknown> => (await city.fetch(path, init)).json();

describe("the workers as one part", () => {
  test("lists are put together, the newest first, no longer than asked for", async () => {
    expect(await json("/alarms?limit=2")).toEqual([
      { id: "first-30", raisedAt: 30 },
      { id: "second-20", raisedAt: 20 },
    ]);
  });

  test("what names a campus is asked of its holder alone", async () => {
    await json("/alarms?campus=second");
    const body = JSON.stringify({ device: "second/box-1/lamp" });
    expect(
      await json("/commands", { method: "POST", body, headers: { "content-type": "application/json" } }),
    ).toEqual({
      at: "second",
    });
    expect(campus("first").asked).toEqual([]);
  });

  test("an action reaches whoever has the alarm, and an alarm that nobody has is not found", async () => {
    expect(await json("/alarms/second-20/acknowledge", { method: "POST" })).toEqual({
      done: "/alarms/second-20/acknowledge",
    });
    expect(campus("first").asked).toEqual(["GET /alarms/second-20"]);
    expect((await city.fetch("/alarms/third-1/acknowledge", { method: "POST" })).status).toBe(404);
  });

  test("a list without one of the campuses is no list, and the whole is as far as its slowest", async () => {
    expect(await json("/healthz")).toEqual({ upTo: 1 });
    await campus("second").server.close();
    await expect(city.fetch("/alarms")).rejects.toThrow();
    expect(await json("/rules")).toEqual([{ id: "rule" }]);
  });

  test("what is computed over several campuses is asked of a worker, who asks its fellows", async () => {
    expect(await json("/use?from=1&to=2")).toEqual({ city: "/city/use?from=1&to=2" });
    expect(await json("/health/figures?from=1&to=2&scopes=a/b/first,a/b/second")).toMatchObject({
      city: expect.stringContaining("/city/health/figures"),
    });
    expect(await json("/desks/second/hand-overs")).toEqual({ city: "/city/desks/second/hand-overs" });
    await json("/health/figures?from=1&to=2&scopes=a/b/second,a/b/second/hall");
    expect(campus("second").asked).toEqual([
      "GET /health/figures?from=1&to=2&scopes=a/b/second,a/b/second/hall",
    ]);
  });

  test("an alarm of a campus that answers can be acted on while another one changes hands", async () => {
    await campus("first").server.close();
    expect(await json("/alarms/second-20/acknowledge", { method: "POST" })).toEqual({
      done: "/alarms/second-20/acknowledge",
    });
    await expect(city.fetch("/alarms/third-1/acknowledge", { method: "POST" })).rejects.toThrow();
  });

  test("what is about one campus and names none is refused, and says so", async () => {
    const answer = await city.fetch("/health/timeline?from=1&to=2");
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatchObject({ title: "Not with several workers" });
  });

  test("one stream tells of all campuses, and goes on where a reader was, in each", async () => {
    const stop = new AbortController();
    const frames: string[] = [];
    const read = async (path: string, count: number): Promise<string> => {
      const answer = await city.fetch(path, { signal: stop.signal });
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk as Uint8Array);
        frames.push(...(text.match(/data: \w+/g) ?? []).slice(frames.length));
        if (frames.length >= count) break;
      }
      return (
        text
          .match(/^id: (.*)$/gm)
          ?.at(-1)
          ?.slice(4) ?? ""
      );
    };
    const reading = read("/stream", 2);
    await expect.poll(() => campus("first").readers + campus("second").readers).toBe(2);
    campus("first").tell("one");
    campus("second").tell("two");
    const cursor = await reading;
    expect(frames.toSorted()).toEqual(["data: one", "data: two"]);
    campus("second").tell("three");
    frames.length = 0;
    await read(`/stream?after=${encodeURIComponent(cursor)}`, 1);
    expect(frames).toEqual(["data: three"]);
    stop.abort();
  });
});
