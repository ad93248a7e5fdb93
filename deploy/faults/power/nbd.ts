/**
 * A disk on a socket, for one client after the other, as QEMU asks for it: the NBD protocol (proto.md of the NBD project),
 * fixed newstyle handshake and simple replies; reads, writes, flushes, and writes that are their own flush (FUA).
 */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { ForgetfulDisk } from "./disk.ts";

const GREETING = Buffer.from("NBDMAGICIHAVEOPT");
const OPTION = Buffer.from("IHAVEOPT");
const REPLY_MAGIC = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const ANSWER_MAGIC = 0x67446698;
const FIXED_NEWSTYLE = 1;
const NO_ZEROES = 2;
/** NBD_FLAG_HAS_FLAGS, SEND_FLUSH, SEND_FUA. */
const ABILITIES = 1 | 4 | 8;
const Options = { exportName: 1, abort: 2, info: 6, go: 7 } as const;
const Replies = { ack: 1, info: 3, unsupported: 2 ** 31 + 1 } as const;
const Commands = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const FUA = 1;
const EINVAL = 22;
const ZEROES_BYTES = 124;
const OPTION_BYTES = 16;
const REQUEST_BYTES = 28;
/** What QEMU asks for at once at most; more is no client of ours. */
export const PAYLOAD_BYTES_MAX = 32 * 1024 * 1024;

export class NbdServer {
  readonly #server: Server;
  readonly #disk: ForgetfulDisk;
  #client: Socket | undefined;

  /** @param path of a Unix socket that is not there yet */
  static async listen(path: string, disk: ForgetfulDisk): Promise<NbdServer> {
    const server = createServer();
    const nbd = new NbdServer(server, disk);
    server.on("connection", (socket) => nbd.#serve(socket));
    server.listen(path);
    await once(server, "listening");
    return nbd;
  }

  private constructor(server: Server, disk: ForgetfulDisk) {
    this.#server = server;
    this.#disk = disk;
  }

  /** Nothing that arrives later reaches the disk. */
  disconnect(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }

  async close(): Promise<void> {
    this.disconnect();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.#client?.destroy();
    this.#client = socket;
    socket.on("error", () => socket.destroy());
    const conversation = new Conversation(this.#disk, (bytes) => void socket.write(bytes));
    socket.on("data", (chunk: Buffer) => {
      if (!conversation.hear(chunk)) socket.destroy();
    });
  }
}

type Step = (bytes: Buffer) => boolean;

/** What one client says, piece by piece: each step waits for so many bytes, and says which comes next. */
class Conversation {
  readonly #disk: ForgetfulDisk;
  readonly #say: (bytes: Buffer) => void;
  #heard: Buffer = Buffer.alloc(0);
  #wants = 4;
  #next: Step = (bytes) => this.#clientFlags(bytes);
  #zeroes = true;

  constructor(disk: ForgetfulDisk, say: (bytes: Buffer) => void) {
    this.#disk = disk;
    this.#say = say;
    const flags = Buffer.alloc(2);
    flags.writeUInt16BE(FIXED_NEWSTYLE | NO_ZEROES);
    say(Buffer.concat([GREETING, flags]));
  }

  /** False when the client has said goodbye, or what nobody says. */
  hear(chunk: Buffer): boolean {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    while (this.#heard.length >= this.#wants) {
      const bytes = this.#heard.subarray(0, this.#wants);
      this.#heard = this.#heard.subarray(this.#wants);
      if (!this.#next(bytes)) return false;
    }
    return true;
  }

  #await(bytes: number, next: Step): boolean {
    this.#wants = bytes;
    this.#next = next;
    return bytes <= PAYLOAD_BYTES_MAX;
  }

  #clientFlags(bytes: Buffer): boolean {
    this.#zeroes = (bytes.readUInt32BE() & NO_ZEROES) === 0;
    return this.#await(OPTION_BYTES, (head) => this.#option(head));
  }

  #option(head: Buffer): boolean {
    if (!head.subarray(0, OPTION.length).equals(OPTION)) return false;
    const [option, length] = [head.readUInt32BE(8), head.readUInt32BE(12)];
    return this.#await(length, () => this.#answerOption(option));
  }

  #answerOption(option: number): boolean {
    if (option === Options.exportName) {
      this.#say(Buffer.concat([this.#size(), Buffer.alloc(this.#zeroes ? ZEROES_BYTES : 0)]));
      return this.#awaitRequest();
    }
    if (option === Options.info || option === Options.go) {
      this.#reply(option, Replies.info, Buffer.concat([Buffer.alloc(2), this.#size()]));
      this.#reply(option, Replies.ack);
      if (option === Options.go) return this.#awaitRequest();
    } else {
      this.#reply(option, option === Options.abort ? Replies.ack : Replies.unsupported);
    }
    return option !== Options.abort && this.#await(OPTION_BYTES, (head) => this.#option(head));
  }

  #size(): Buffer {
    const bytes = Buffer.alloc(10);
    bytes.writeBigUInt64BE(BigInt(this.#disk.bytes));
    bytes.writeUInt16BE(ABILITIES, 8);
    return bytes;
  }

  #reply(option: number, type: number, bytes: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(20);
    head.writeBigUInt64BE(REPLY_MAGIC);
    head.writeUInt32BE(option, 8);
    head.writeUInt32BE(type, 12);
    head.writeUInt32BE(bytes.length, 16);
    this.#say(Buffer.concat([head, bytes]));
  }

  #awaitRequest(): boolean {
    return this.#await(REQUEST_BYTES, (head) => this.#request(head));
  }

  #request(head: Buffer): boolean {
    if (head.readUInt32BE() !== REQUEST_MAGIC) return false;
    const [flags, command] = [head.readUInt16BE(4), head.readUInt16BE(6)];
    if (command === Commands.disconnect) return false;
    const handle = Buffer.from(head.subarray(8, 16));
    const [offset, length] = [Number(head.readBigUInt64BE(16)), head.readUInt32BE(24)];
    return this.#await(command === Commands.write ? length : 0, (bytes) => {
      this.#answer(handle, () => {
        if (command === Commands.read) {
          if (length > PAYLOAD_BYTES_MAX) throw new RangeError(`${length} bytes are too many at once`);
          return this.#disk.read(offset, length);
        }
        if (command === Commands.write) this.#disk.write(offset, bytes);
        else if (command !== Commands.flush) throw new RangeError(`there is no command ${command}`);
        if (command === Commands.flush || (flags & FUA) !== 0) this.#disk.flush();
        return Buffer.alloc(0);
      });
      return this.#awaitRequest();
    });
  }

  /** What is not on the disk is refused; the disk goes on. */
  #answer(handle: Buffer, work: () => Buffer): void {
    const head = Buffer.alloc(16);
    head.writeUInt32BE(ANSWER_MAGIC);
    head.set(handle, 8);
    let bytes = Buffer.alloc(0);
    try {
      bytes = Buffer.from(work());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      head.writeUInt32BE(EINVAL, 4);
    }
    this.#say(Buffer.concat([head, bytes]));
  }
}
