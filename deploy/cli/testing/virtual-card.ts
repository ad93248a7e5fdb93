/**
 * A card on a virtual reader (vsmartcard's vpcd), and a program run while it lies there: `virtual-card.ts <uid in hex>
 * <lies|comes> <program> <argument …>`. A card that lies there has been seen by the reader's daemon before the program
 * starts; one that comes is laid down after it has started. In a network namespace of its own, because the reader listens
 * on a port.
 *
 * The protocol of vpcd: two bytes of length, then an APDU, or one byte of control (0 off, 1 on, 2 reset, 4 ATR?).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const PORT = 0x8c7b;
const HOST = "127.0.0.1";
const ATR = "3b8f8001804f0ca000000306030001000000006a";
const NOT_SUPPORTED = "6d00";
const RETRY_MS = 100;

const [uid = "", manner = "", program = "", ...arguments_] = process.argv.slice(2);
const seen = Promise.withResolvers<void>();

const running = manner === "comes" ? run() : undefined;
const socket = await reader();
let waiting = Buffer.alloc(0);
socket.on("data", (chunk: Buffer) => {
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
    const message = waiting.subarray(2, 2 + waiting.readUInt16BE(0));
    waiting = waiting.subarray(2 + message.length);
    if (message.length > 1)
      answer(message.subarray(0, 2).toString("hex") === "ffca" ? `${uid}9000` : NOT_SUPPORTED);
    else if (message[0] === 4) {
      answer(ATR);
      seen.resolve();
    }
  }
});
if (running === undefined) await seen.promise;
const code = await (running ?? run());
socket.destroy();
process.exit(code ?? 1);

async function run(): Promise<number | null> {
  const [code] = (await once(spawn(program, arguments_, { stdio: "inherit" }), "close")) as [number | null];
  return code;
}

function answer(hex: string): void {
  const bytes = Buffer.from(hex, "hex");
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  socket.write(Buffer.concat([length, bytes]));
}

/** The reader is there when its daemon has started. */
async function reader(): Promise<Socket> {
  for (;;) {
    const attempt = connect(PORT, HOST);
    const there = await new Promise<boolean>((resolve) => {
      attempt.once("connect", () => resolve(true));
      attempt.once("error", () => resolve(false));
    });
    if (there) return attempt;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
