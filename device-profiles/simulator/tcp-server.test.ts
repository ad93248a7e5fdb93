import { EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { FaultableTcpServer } from "./tcp-server.ts";

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Greets with `!` and echoes. */
async function echoServer(noise?: Uint8Array): Promise<FaultableTcpServer> {
  const server = new FaultableTcpServer(
    (socket) => {
      socket.write("!");
      socket.on("data", (bytes) => socket.write(bytes));
    },
    noise === undefined ? {} : { noise },
  );
  await server.listen(0);
  closing.push(() => server.close());
  return server;
}

interface Heard {
  readonly socket: Socket;
  readonly pieces: string[];
  /** Resolves when everything heard so far reads `text`. */
  until(text: string): Promise<void>;
}

async function visit({ port }: FaultableTcpServer): Promise<Heard> {
  const socket = connect(port, "127.0.0.1");
  closing.push(() => void socket.destroy());
  socket.on("error", () => undefined);
  const pieces: string[] = [];
  socket.on("data", (bytes) => pieces.push(bytes.toString("latin1")));
  await once(socket, "connect");
  const until = async (text: string): Promise<void> => {
    while (pieces.join("") !== text) await once(socket, "data");
  };
  return { socket, pieces, until };
}

test("half-open: connections that stand go silent without an end, a new one works", async () => {
  const server = await echoServer();
  const old = await visit(server);
  await old.until("!");
  await server.fault("half-open");
  old.socket.write("lost");
  const young = await visit(server);
  young.socket.write("heard");
  await young.until("!heard");
  expect(old.pieces.join("")).toBe("!");
  expect(old.socket.destroyed).toBe(false);
  expect(server.connections).toBe(2);

  const cut = once(old.socket, "close");
  await server.fault(null);
  await cut;
});

test("fragmented: every frame comes byte by byte, with the protocol's noise before it, and nothing is missing", async () => {
  const server = await echoServer(Uint8Array.of(0x23));
  await server.fault("fragmented");
  const client = await visit(server);
  await client.until("#!");
  client.socket.write("abcdefghijklmnopqrstuvwxyz");
  await client.until("#!#abcdefghijklmnopqrstuvwxyz");
  expect(client.pieces.length).toBeGreaterThan(5);
});

test("fragmented: a server that hangs up after its word has its word heard", async () => {
  const server = new FaultableTcpServer((socket) => socket.on("data", () => socket.end("goodbye")));
  await server.listen(0);
  closing.push(() => server.close());
  await server.fault("fragmented");
  const client = await visit(server);
  const ended = once(client.socket, "end");
  client.socket.write("hello");
  await ended;
  expect(client.pieces.join("")).toBe("goodbye");
});

test("late replies: each comes out with the next request; a greeting is on time", async () => {
  const asked = new EventEmitter();
  const server = new FaultableTcpServer((socket) => {
    socket.write("!");
    socket.on("data", (bytes) => {
      socket.write(bytes);
      asked.emit("asked");
    });
  });
  await server.listen(0);
  closing.push(() => server.close());
  await server.fault("late-replies");
  const client = await visit(server);
  await client.until("!");
  const first = once(asked, "asked");
  client.socket.write("one ");
  await first;
  client.socket.write("two ");
  await client.until("!one ");
});

test("down, hang and garbage: the port stays the same, and mending it is enough", async () => {
  const server = await echoServer();
  const { port } = server;
  await server.fault("down");
  const refused = connect(port, "127.0.0.1");
  const [error] = (await once(refused, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
  await server.fault("garbage");
  const puzzled = await visit(server);
  await once(puzzled.socket, "data");
  expect(puzzled.pieces[0]?.startsWith("\xff\xff\xff\xff")).toBe(true);
  await server.fault("hang");
  const ignored = await visit(server);
  ignored.socket.write("anybody?");
  await server.fault(null);
  expect(ignored.pieces).toEqual([]);
  await (await visit(server)).until("!");
  expect(server.port).toBe(port);
});

test("a fault that a line cannot play is refused", async () => {
  const server = await echoServer();
  await expect(server.fault("stale-nonce")).rejects.toThrow(RangeError);
});
