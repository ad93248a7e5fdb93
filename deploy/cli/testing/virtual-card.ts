/**
 * A card on a virtual reader (vsmartcard's vpcd), and a program run while it lies there: `virtual-card.ts <uid in hex>
 * <program> <argument …>`. Started in a network namespace of its own, because the reader listens on a port.
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

const [uid = "", program = "", ...arguments_] = process.argv.slice(2);

const socket = await reader();
let waiting = Buffer.alloc(0);
socket.on("data", (chunk: Buffer) => {
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
    const message = waiting.subarray(2, 2 + waiting.readUInt16BE(0));
    waiting = waiting.subarray(2 + message.length);
    if (message.length > 1)
      answer(message.subarray(0, 2).toString("hex") === "ffca" ? `${uid}9000` : NOT_SUPPORTED);
    else if (message[0] === 4) answer(ATR);
  }
});

const child = spawn(program, arguments_, { stdio: "inherit" });
const [code] = (await once(child, "close")) as [number | null];
socket.destroy();
process.exit(code ?? 1);

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
