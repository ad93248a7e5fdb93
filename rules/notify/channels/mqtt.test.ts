import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import type { Message } from "./channel.ts";
import { mqttChannel } from "./mqtt.ts";

const message: Message = { id: "a1.raised", subject: "一键报警", text: "到现场", notices: [], createdAt: 0 };
const soon = () => AbortSignal.timeout(20_000);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Debian's mosquitto, which can be stopped and started again on its port. */
async function mosquitto(port: number): Promise<{ stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "rules-mosquitto-"));
  writeFileSync(
    join(folder, "conf"),
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`,
  );
  const child = spawn("/usr/sbin/mosquitto", ["-c", join(folder, "conf")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => chunk.toString().includes("running") && resolve());
    child.once("exit", (code) => reject(new Error(`mosquitto ended with ${code}`)));
  });
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("a message reaches who listens, and the channel mends itself when the broker returns", async () => {
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const channel = mqttChannel({ url, topic: "bureau/alarms", source: "/hub/990100" });
  onTestFinished(() => channel.close?.());
  await expect(channel.send(message, soon(), "")).rejects.toMatchObject({ retry: true });

  const first = await mosquitto(port);
  const listener = await connectAsync(url, { reconnectPeriod: 50 });
  onTestFinished(async () => {
    await listener.endAsync(true);
  });
  await listener.subscribeAsync("bureau/alarms");
  const arrived = new Promise<string>((resolve) =>
    listener.once("message", (_topic, payload) => resolve(payload.toString())),
  );
  expect(await channel.send(message, soon(), "")).toBe("PUBACK");
  expect(JSON.parse(await arrived)).toMatchObject({ id: "a1.raised", data: { text: "到现场" } });

  await first.stop();
  await expect(channel.send(message, soon(), "")).rejects.toMatchObject({ retry: true });
  const second = await mosquitto(port);
  onTestFinished(() => second.stop());
  expect(await channel.send(message, soon(), "")).toBe("PUBACK");
});
