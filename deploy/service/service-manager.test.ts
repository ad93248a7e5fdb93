import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { serviceManager } from "./service-manager.ts";

/** systemd's end of the socket: prints each datagram as a line. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", " "), flush=True)
`;

test("systemd hears that the process is ready, that it lives, and that it stops", async () => {
  const folder = mkdtempSync(join(tmpdir(), "notify-"));
  const socket = join(folder, "notify");
  const listener = spawn("python3", ["-c", LISTENER, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  const until = async (word: string): Promise<void> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`never heard ${word}`);
      if (String(value).includes(word)) return;
    }
  };
  await until("listening");
  const before = process.env.NOTIFY_SOCKET;
  process.env.NOTIFY_SOCKET = socket;
  try {
    const manager = serviceManager({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: "100000" });
    manager.ready();
    await until("READY=1");
    await until("WATCHDOG=1");
    await until("WATCHDOG=1");
    manager.stopping();
    await until("STOPPING=1");
  } finally {
    if (before === undefined) delete process.env.NOTIFY_SOCKET;
    else process.env.NOTIFY_SOCKET = before;
    listener.kill();
    await once(listener, "close");
    rmSync(folder, { recursive: true });
  }
});

test("without systemd nothing is said", () => {
  const manager = serviceManager({});
  expect(() => {
    manager.ready();
    manager.stopping();
  }).not.toThrow();
});
