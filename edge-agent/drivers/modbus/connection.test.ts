import { createServer, type Socket } from "node:net";
import { encodeMbap, type MbapFrame, MbapSplitter } from "@campus-ops/device-profiles/codecs/mbap";
import type { ReadRequest } from "@campus-ops/device-profiles/codecs/modbus-pdu";
import { afterEach, describe, expect, test } from "vitest";
import { ModbusConnection, SILENT_REQUESTS_MAX } from "./connection.ts";

const REGISTER_0: ReadRequest = { operation: "read", table: "holding", pduAddress: 0, quantity: 1 };
const REGISTER_1: ReadRequest = { ...REGISTER_0, pduAddress: 1 };
/** Long enough for any machine; a test that waits for it does not end. */
const ANSWER_MS = 30_000;
const patience = () => AbortSignal.timeout(5_000);

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

/** A device that hands every request to `answer`, and a connection to unit 1 of it. */
async function connected(answer: (frame: MbapFrame, socket: Socket) => void): Promise<ModbusConnection> {
  const server = createServer((socket) => {
    const splitter = new MbapSplitter();
    cleanups.push(() => socket.destroy());
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      for (const frame of splitter.push(bytes)) answer(frame, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const connection = await ModbusConnection.open("127.0.0.1", address.port, patience());
  cleanups.push(() => connection.close());
  return connection;
}

/** A register that holds its own address + 100. */
const value = ({ transaction, unit, pdu }: MbapFrame): Uint8Array =>
  encodeMbap({ transaction, unit, pdu: Uint8Array.of(3, 2, 0, 100 + (pdu[2] ?? 0)) });

describe("a Modbus connection", () => {
  test("keeps one request in flight, however many are asked at once", async () => {
    let inFlight = 0;
    let most = 0;
    const connection = await connected((frame, socket) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      setImmediate(() => {
        inFlight -= 1;
        socket.write(value(frame));
      });
    });
    const answers = await Promise.all(
      [REGISTER_0, REGISTER_1, REGISTER_0].map((request) =>
        connection.request(1, request, ANSWER_MS, patience()),
      ),
    );
    expect(answers).toEqual([[100], [101], [100]]);
    expect(most).toBe(1);
  });

  test("an answer that comes too late is not taken for the next one", async () => {
    let late: MbapFrame | undefined;
    const giveUp = new AbortController();
    const connection = await connected((frame, socket) => {
      if (late === undefined) {
        late = frame;
        giveUp.abort();
      } else socket.write(Uint8Array.of(...value(late), ...value(frame)));
    });
    await expect(connection.request(1, REGISTER_0, ANSWER_MS, giveUp.signal)).rejects.toMatchObject({
      kind: "timeout",
    });
    expect(await connection.request(1, REGISTER_1, ANSWER_MS, patience())).toEqual([101]);
  });

  test("a request that waits for its turn can be given up, and the queue goes on", async () => {
    const { promise: asked, resolve: wasAsked } = Promise.withResolvers<() => void>();
    const connection = await connected((frame, socket) => {
      if (frame.pdu[2] === 0) wasAsked(() => void socket.write(value(frame)));
      else socket.write(value(frame));
    });
    const giveUp = new AbortController();
    const first = connection.request(1, REGISTER_0, ANSWER_MS, patience());
    const second = connection.request(1, REGISTER_1, ANSWER_MS, giveUp.signal);
    const third = connection.request(1, REGISTER_1, ANSWER_MS, patience());
    giveUp.abort();
    await expect(second).rejects.toMatchObject({ kind: "timeout" });
    (await asked)();
    expect(await first).toEqual([100]);
    expect(await third).toEqual([101]);
  });

  test.each<[string, (frame: MbapFrame) => Uint8Array]>([
    ["another unit's answer", (frame) => value({ ...frame, unit: 2 })],
    ["the answer to another function", (frame) => encodeMbap({ ...frame, pdu: Uint8Array.of(4, 2, 0, 0) })],
    [
      "more data than was asked for",
      (frame) => encodeMbap({ ...frame, pdu: Uint8Array.of(3, 4, 0, 0, 0, 0) }),
    ],
  ])("%s is garbage, and ends the connection", async (_, answer) => {
    const connection = await connected((frame, socket) => socket.write(answer(frame)));
    await expect(connection.request(1, REGISTER_0, ANSWER_MS, patience())).rejects.toMatchObject({
      kind: "garbage",
      retry: true,
    });
    await expect(connection.request(1, REGISTER_0, ANSWER_MS, patience())).rejects.toMatchObject({
      kind: "garbage",
    });
  });

  test("an answer that breaks off is a lost connection", async () => {
    const connection = await connected((frame, socket) => socket.end(value(frame).slice(0, 9)));
    await expect(connection.request(1, REGISTER_0, ANSWER_MS, patience())).rejects.toMatchObject({
      kind: "unreachable",
    });
  });

  test.each([
    [6, { kind: "device-exception", retry: true }],
    [2, { kind: "device-exception", retry: false }],
    [11, { kind: "unreachable", retry: true }],
    [99, { kind: "device-exception", retry: false }],
  ])("exception %i is told as what it means", async (code, error) => {
    const connection = await connected((frame, socket) =>
      socket.write(encodeMbap({ ...frame, pdu: Uint8Array.of(0x83, code) })),
    );
    await expect(connection.request(1, REGISTER_0, ANSWER_MS, patience())).rejects.toMatchObject(error);
  });

  test("a unit that is silent is given up after its time, and the others behind the gateway are not", async () => {
    const connection = await connected((frame, socket) => {
      if (frame.unit !== 9) socket.write(value(frame));
    });
    for (let round = 0; round < SILENT_REQUESTS_MAX; round += 1) {
      const silent = connection.request(9, REGISTER_0, 5, patience());
      await expect(silent).rejects.toMatchObject({ kind: "timeout", retry: true });
      expect(await connection.request(1, REGISTER_1, ANSWER_MS, patience())).toEqual([101]);
    }
    expect(connection.ended).toBeUndefined();
  });

  test("a connection on which nothing comes back any more ends, so that another is opened", async () => {
    const connection = await connected(() => undefined);
    for (let round = 0; round < SILENT_REQUESTS_MAX; round += 1) {
      expect(connection.ended).toBeUndefined();
      const silent = connection.request(round, REGISTER_0, 5, patience());
      await expect(silent).rejects.toMatchObject({ kind: "timeout", retry: true });
    }
    expect(connection.ended).toMatchObject({ kind: "unreachable", retry: true });
  });

  test("nobody is asked once the connection was closed", async () => {
    let asked = 0;
    const connection = await connected(() => {
      asked += 1;
    });
    connection.close();
    await expect(connection.request(1, REGISTER_0, ANSWER_MS, patience())).rejects.toMatchObject({
      kind: "unreachable",
    });
    expect(asked).toBe(0);
  });
});
