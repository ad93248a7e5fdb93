/** As QEMU's client speaks, byte by byte; `npm run faults -- power` has QEMU itself. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ForgetfulDisk, SECTOR_BYTES } from "./disk.ts";
import { NbdServer } from "./nbd.ts";

const DISK_BYTES = 64 * SECTOR_BYTES;
const [READ, WRITE, DISCONNECT, FLUSH, TRIM] = [0, 1, 2, 3, 4];
const FUA = 1;
const EINVAL = 22;

let folder: string;
let disk: ForgetfulDisk;
let server: NbdServer;
let client: Client;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "campus-ops-nbd-"));
  disk = new ForgetfulDisk(DISK_BYTES);
  server = await NbdServer.listen(join(folder, "disk.sock"), disk);
  client = await Client.open(join(folder, "disk.sock"));
});
afterEach(async () => {
  client.socket.destroy();
  await server.close();
  rmSync(folder, { recursive: true });
});

class Client {
  readonly socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  #heard = Buffer.alloc(0);

  static async open(path: string): Promise<Client> {
    const socket = connect(path);
    await once(socket, "connect");
    return new Client(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  /** Undefined when the server has hung up. */
  async take(bytes: number): Promise<Buffer | undefined> {
    while (this.#heard.length < bytes) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#heard = Buffer.concat([this.#heard, value]);
    }
    const taken = this.#heard.subarray(0, bytes);
    this.#heard = this.#heard.subarray(bytes);
    return taken;
  }

  option(option: number, data = Buffer.alloc(0)): void {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32BE(option);
    numbers.writeUInt32BE(data.length, 4);
    this.socket.write(Buffer.concat([Buffer.from("IHAVEOPT"), numbers, data]));
  }

  /** From the greeting to the first request, as QEMU does it. */
  async handshake(): Promise<void> {
    expect((await this.take(18))?.toString("latin1", 0, 16)).toBe("NBDMAGICIHAVEOPT");
    this.socket.write(Buffer.from("00000003", "hex"));
    // Structured replies, which there are none of.
    this.option(8);
    expect((await this.take(20))?.readUInt32BE(12)).toBe(2 ** 31 + 1);
    this.option(7, Buffer.alloc(6));
    const information = await this.take(32);
    expect(information?.readBigUInt64BE(22)).toBe(BigInt(DISK_BYTES));
    expect((await this.take(20))?.readUInt32BE(12)).toBe(1);
  }

  async ask(command: number, offset: number, length: number, data = Buffer.alloc(0), flags = 0) {
    const head = Buffer.alloc(28);
    head.writeUInt32BE(0x25609513);
    head.writeUInt16BE(flags, 4);
    head.writeUInt16BE(command, 6);
    head.write("a handle", 8);
    head.writeBigUInt64BE(BigInt(offset), 16);
    head.writeUInt32BE(length, 24);
    this.socket.write(Buffer.concat([head, data]));
    const answer = await this.take(16);
    expect(answer?.toString("latin1", 8)).toBe("a handle");
    const error = answer?.readUInt32BE(4);
    return { error, bytes: command === READ && error === 0 ? await this.take(length) : undefined };
  }
}

const ONES = Buffer.alloc(SECTOR_BYTES, 1);

test("what a client writes it reads, and only what it flushed outlives a cut", async () => {
  await client.handshake();
  expect(await client.ask(WRITE, 0, SECTOR_BYTES, ONES)).toMatchObject({ error: 0 });
  expect(await client.ask(FLUSH, 0, 0)).toMatchObject({ error: 0 });
  expect(await client.ask(WRITE, SECTOR_BYTES, SECTOR_BYTES, ONES)).toMatchObject({ error: 0 });
  expect((await client.ask(READ, 0, 2 * SECTOR_BYTES)).bytes).toEqual(Buffer.concat([ONES, ONES]));
  expect(disk.cut(forgetful())).toBe(1);
  expect((await client.ask(READ, 0, 2 * SECTOR_BYTES)).bytes).toEqual(
    Buffer.concat([ONES, Buffer.alloc(SECTOR_BYTES)]),
  );
});

test("a write that is its own flush outlives a cut", async () => {
  await client.handshake();
  await client.ask(WRITE, 0, SECTOR_BYTES, ONES, FUA);
  expect(disk.unflushed).toBe(0);
});

test("what is not on the disk, and what it cannot, is refused, and the conversation goes on", async () => {
  await client.handshake();
  expect(await client.ask(READ, DISK_BYTES, SECTOR_BYTES)).toMatchObject({ error: EINVAL });
  expect(await client.ask(WRITE, 1, 2, Buffer.alloc(2))).toMatchObject({ error: EINVAL });
  expect(await client.ask(TRIM, 0, SECTOR_BYTES)).toMatchObject({ error: EINVAL });
  expect(await client.ask(READ, 0, SECTOR_BYTES)).toMatchObject({ error: 0 });
});

test("who says what nobody says, or more than anybody writes at once, is hung up on", async () => {
  await client.handshake();
  const head = Buffer.alloc(28);
  head.writeUInt32BE(0x25609513);
  head.writeUInt16BE(WRITE, 6);
  head.writeUInt32BE(0xffffffff, 24);
  client.socket.write(head);
  expect(await client.take(1)).toBeUndefined();
  const other = await Client.open(join(folder, "disk.sock"));
  await other.handshake();
  other.socket.write(Buffer.alloc(28, 0xff));
  expect(await other.take(1)).toBeUndefined();
});

test("a client that says goodbye is let go, and the next one finds the same disk", async () => {
  await client.handshake();
  await client.ask(WRITE, 0, SECTOR_BYTES, ONES);
  const goodbye = Buffer.alloc(28);
  goodbye.writeUInt32BE(0x25609513);
  goodbye.writeUInt16BE(DISCONNECT, 6);
  client.socket.write(goodbye);
  expect(await client.take(1)).toBeUndefined();
  const next = await Client.open(join(folder, "disk.sock"));
  await next.handshake();
  expect((await next.ask(READ, 0, SECTOR_BYTES)).bytes).toEqual(ONES);
  next.socket.destroy();
});

/** Forgets whatever it may: how forgetful it is is drawn first. */
function forgetful(): () => number {
  const drawn = [1];
  return () => drawn.pop() ?? 0.5;
}
