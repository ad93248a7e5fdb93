import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { listen, READ_BYTES_MAX } from "./listeners.ts";

/** libuv hands over what it reads in pieces of up to 64 KiB; the one that reaches the bound may go beyond it. */
const PIECE_BYTES_MAX = 64 * 1024;

test("what a client sends while nobody deals with it waits with the client", async () => {
  const accepted = Promise.withResolvers<Socket>();
  const listener = await listen(
    { host: "127.0.0.1", port: 0 },
    { onConnection: accepted.resolve, onRefused: () => undefined, onCertificate: () => undefined },
  );
  const client = connect(listener.port, "127.0.0.1");
  client.on("error", () => undefined);
  const socket = await accepted.promise;
  const full = new Promise<void>((resolve) => {
    // Begins to read, as aedes does, and takes nothing.
    socket.on("readable", () => {
      if (socket.readableLength >= READ_BYTES_MAX) resolve();
    });
  });
  client.write(Buffer.alloc(64 * READ_BYTES_MAX));
  await full;
  // A round trip beside it: whatever else would have been read has been by then.
  const beside = connect(listener.port, "127.0.0.1");
  await once(beside, "connect");
  const closed = once(beside, "close");
  beside.destroy();
  await closed;
  expect(socket.bytesRead).toBeLessThan(READ_BYTES_MAX + PIECE_BYTES_MAX);
  expect(client.writableLength).toBeGreaterThan(0);
  client.destroy();
  await listener.close();
});
