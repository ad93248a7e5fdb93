/** Between a hub's agent and the hub above: passes everything on, and keeps what leaves. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class RecordingRelay {
  readonly left: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(host: string, port: number): Promise<RecordingRelay> {
    const relay = new RecordingRelay(host, port);
    relay.#server.listen(0, "127.0.0.1");
    await once(relay.#server, "listening");
    return relay;
  }

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, host);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          near.destroy();
          far.destroy();
          this.#sockets.delete(socket);
        });
      }
      near.on("data", (chunk: Buffer) => this.left.push(chunk));
      near.pipe(far);
      far.pipe(near);
    });
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All that has left so far. */
  bytes(): Buffer {
    return Buffer.concat(this.left);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
