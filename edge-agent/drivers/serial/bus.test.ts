import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { openPty } from "@campus-ops/device-profiles/simulator/pty";
import { afterEach, describe, expect, test } from "vitest";
import type { Lease } from "../line.ts";
import { type LineAddress, parseLineAddress } from "./address.ts";
import { type Bus, REPLY_BYTES_MAX, SILENT_QUESTIONS_MAX } from "./bus.ts";
import { leaseBus } from "./buses.ts";

const SETTINGS = { baud: 9600, dataBits: 8, parity: "none", stopBits: 1 } as const;
const never = new AbortController().signal;
const patience = () => AbortSignal.timeout(5_000);
/** Long enough for any machine; a test that waits for it does not end. */
const LONG_MS = 30_000;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

type Wire = "serial" | "tcp";
type Serve = (bytes: Uint8Array, wire: Duplex) => void;

/** A line at whose other end `serve` gets what was sent. */
async function wired(wire: Wire, serve: Serve, query = ""): Promise<LineAddress> {
  if (wire === "serial") {
    const pty = await openPty();
    cleanups.push(() => pty.close());
    pty.bytes.on("data", (bytes) => serve(bytes, pty.bytes));
    return parse(`serial://${pty.path}?baud=115200${query}`);
  }
  const server = createServer((socket: Socket) => {
    cleanups.push(() => void socket.destroy());
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => serve(bytes, socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return parse(`tcp://127.0.0.1:${address.port}?${query}`);
}

const parse = (url: string): LineAddress => parseLineAddress(new URL(url), { settings: SETTINGS });

async function lease(address: LineAddress): Promise<Lease<Bus>> {
  const held = await leaseBus(address, patience());
  cleanups.push(() => held.release());
  return held;
}

/** The reply that ends with `end`. */
const until =
  (end: number) =>
  (received: Uint8Array): readonly number[] | undefined =>
    received.at(-1) === end ? [...received] : undefined;

const QUESTION = Uint8Array.of(1, 2, 3);

describe.each<Wire>(["serial", "tcp"])("a %s line", (wire) => {
  test("carries question and answer, in whatever pieces the answer comes", async () => {
    const address = await wired(wire, (bytes, line) => {
      for (const byte of [...bytes, 9]) line.write(Uint8Array.of(byte));
    });
    const { line: bus } = await lease(address);
    const answer = await bus.exclusively("a", patience(), (turn) => turn.ask(QUESTION, until(9), LONG_MS));
    expect(answer).toEqual([1, 2, 3, 9]);
  });

  test("is one for all who speak on it, and no conversation comes into another", async () => {
    let heard: number[] = [];
    const address = await wired(wire, (bytes, line) => {
      heard = [...heard, ...bytes];
      line.write(bytes);
    });
    const buses = await Promise.all([lease(address), lease(address), lease(address)]);
    expect(new Set(buses.map(({ line }) => line)).size).toBe(1);
    const spoken = buses.map(({ line }, user) =>
      line.exclusively(String(user), patience(), async (turn) => {
        await turn.ask(Uint8Array.of(user, 100), until(100), LONG_MS);
        await turn.ask(Uint8Array.of(user, 200), until(200), LONG_MS);
      }),
    );
    await Promise.all(spoken);
    expect(heard).toEqual([0, 100, 0, 200, 1, 100, 1, 200, 2, 100, 2, 200]);
  });

  test("forgets a late reply before the next question", async () => {
    let late: (() => void) | undefined;
    const address = await wired(wire, (bytes, line) => {
      if (bytes[0] === 1) late = () => void line.write(Uint8Array.of(7, 9));
      else line.write(Uint8Array.of(8, 9));
    });
    const { line: bus } = await lease(address);
    const given = bus.exclusively("a", patience(), (turn) => turn.ask(QUESTION, until(9), 20));
    await expect(given).rejects.toMatchObject({ kind: "timeout", retry: true });
    late?.();
    // It is there, and nobody has asked for it.
    const overheard = await bus.exclusively("b", patience(), (turn) => turn.receive(LONG_MS));
    expect([...overheard]).toEqual([7, 9]);
    late?.();
    const answer = await bus.exclusively("a", patience(), async (turn) => {
      await turn.receive(LONG_MS);
      return await turn.ask(Uint8Array.of(5), until(9), LONG_MS);
    });
    expect(answer).toEqual([8, 9]);
  });

  test("takes its own echo off where the adapter hears itself", async () => {
    const address = await wired(
      wire,
      (bytes, line) => {
        line.write(bytes.subarray(0, 2));
        line.write(bytes.subarray(2));
        line.write(Uint8Array.of(...bytes, 9));
      },
      "&echo=true",
    );
    const { line: bus } = await lease(address);
    const answer = await bus.exclusively("a", patience(), (turn) => turn.ask(QUESTION, until(9), LONG_MS));
    expect(answer).toEqual([1, 2, 3, 9]);
  });

  test("tells bytes that make no sense from silence", async () => {
    const address = await wired(wire, (_, line) => line.write(Uint8Array.of(0xff, 0x0a)));
    const { line: bus } = await lease(address);
    const asked = bus.exclusively("a", patience(), (turn) => turn.ask(QUESTION, until(9), 100));
    await expect(asked).rejects.toMatchObject({ kind: "garbage", message: expect.stringContaining("ff 0a") });
  });

  test("breaks for everybody who holds it, and is opened anew by the next", async () => {
    let cut = () => {};
    const address = await wired(wire, (bytes, line) => {
      cut = () => void line.destroy();
      line.write(bytes);
    });
    const old = await lease(address);
    await old.line.exclusively("a", patience(), (turn) => turn.ask(Uint8Array.of(9), until(9), LONG_MS));
    const hanging = old.line.exclusively("a", patience(), (turn) => turn.receive(LONG_MS));
    hanging.catch(() => undefined);
    if (wire === "serial") {
      for (const cleanup of cleanups.splice(0, 1)) await cleanup();
    } else cut();
    await expect(hanging).rejects.toMatchObject({ kind: "unreachable", retry: true });
    const gone = old.line.exclusively("a", patience(), (turn) => turn.send(QUESTION));
    await expect(gone).rejects.toMatchObject({ kind: "unreachable" });
    if (wire === "serial") {
      await expect(lease(address)).rejects.toMatchObject({ kind: "unreachable", retry: true });
      return;
    }
    const fresh = await lease(address);
    expect(fresh.line).not.toBe(old.line);
    await fresh.line.exclusively("a", patience(), (turn) => turn.ask(Uint8Array.of(9), until(9), LONG_MS));
  });
});

describe("a conversation", () => {
  test("that was given up lets the next one begin at once, and can say nothing more", async () => {
    const { line: bus } = await lease(await wired("tcp", () => undefined));
    const impatient = new AbortController();
    let stale: Promise<unknown> = Promise.resolve();
    const { promise: wakes, resolve: wake } = Promise.withResolvers<void>();
    const first = bus.exclusively("a", impatient.signal, async (turn) => {
      await wakes;
      stale = turn.send(QUESTION);
      await stale;
    });
    const second = bus.exclusively("b", patience(), async () => "served");
    impatient.abort();
    await expect(first).rejects.toMatchObject({ kind: "timeout" });
    expect(await second).toBe("served");
    wake();
    await wakes;
    await expect(stale).rejects.toMatchObject({ kind: "timeout" });
  });

  test("passes on what its own reading of the answer throws", async () => {
    const { line: bus } = await lease(await wired("tcp", (bytes, line) => line.write(bytes)));
    const refuse = () => {
      throw new RangeError("says no");
    };
    const asked = bus.exclusively("a", patience(), (turn) => turn.ask(QUESTION, refuse, LONG_MS));
    await expect(asked).rejects.toThrow("says no");
  });
});

describe("what it holds is bounded", () => {
  test("of a flood the newest bytes are kept, and the others counted", async () => {
    const flood = new Uint8Array(REPLY_BYTES_MAX + 10).fill(1);
    const address = await wired("tcp", (_, line) => line.write(Uint8Array.of(...flood, 9)));
    const { line: bus } = await lease(address);
    const answer = await bus.exclusively("a", patience(), (turn) => turn.ask(QUESTION, until(9), LONG_MS));
    expect(answer.length).toBeLessThanOrEqual(REPLY_BYTES_MAX);
    expect(answer.at(-1)).toBe(9);
  });

  test("a line that is never silent is given up as babble", async () => {
    const { line: bus } = await lease(
      await wired(
        "tcp",
        (_, line) => {
          const timer = setInterval(() => line.write(Uint8Array.of(1)), 1);
          cleanups.push(() => clearInterval(timer));
        },
        "gap=800",
      ),
    );
    await bus.exclusively("a", never, (turn) => turn.send(QUESTION));
    await bus.exclusively("a", never, (turn) => turn.receive(LONG_MS));
    const talked = bus.exclusively("a", never, (turn) => turn.send(QUESTION));
    await expect(talked).rejects.toMatchObject({
      kind: "garbage",
      message: expect.stringContaining("babbles"),
    });
  });

  test("a serial server that takes everything and answers nothing is dialled anew", async () => {
    const address = await wired("tcp", () => undefined);
    const held = await lease(address);
    const { line: bus } = held;
    for (let question = 0; question < SILENT_QUESTIONS_MAX; question += 1) {
      expect(bus.ended).toBeUndefined();
      const asked = bus.exclusively("a", never, (turn) => turn.ask(QUESTION, until(9), 5));
      await expect(asked).rejects.toMatchObject({ kind: "timeout" });
    }
    expect(bus.ended).toMatchObject({ kind: "unreachable", retry: true });
    expect((await lease(address)).line).not.toBe(bus);
  });
});

describe("a serial port", () => {
  test("that is open at another speed is refused, and stays with who has it", async () => {
    const pty = await openPty();
    cleanups.push(() => pty.close());
    const { line: bus } = await lease(parse(`serial://${pty.path}?baud=9600`));
    await expect(lease(parse(`serial://${pty.path}?baud=2400&parity=even`))).rejects.toMatchObject({
      kind: "unsupported",
      message: expect.stringContaining("9600 8N1"),
    });
    expect(bus.ended).toBeUndefined();
  });

  test("that is not there is unreachable, by its name", async () => {
    await expect(lease(parse("serial:///dev/no-such-port"))).rejects.toMatchObject({
      kind: "unreachable",
      retry: true,
      message: expect.stringContaining("/dev/no-such-port"),
    });
  });

  test("is given back when the last one lets go, and can be opened again", async () => {
    const pty = await openPty();
    cleanups.push(() => pty.close());
    pty.bytes.on("data", (bytes) => pty.bytes.write(bytes));
    for (let round = 0; round < 3; round += 1) {
      const held = await leaseBus(parse(`serial://${pty.path}?baud=9600`), patience());
      const asked = held.line.exclusively("a", patience(), (turn) =>
        turn.ask(Uint8Array.of(9), until(9), LONG_MS),
      );
      expect(await asked).toEqual([9]);
      await held.release();
    }
  });
});
