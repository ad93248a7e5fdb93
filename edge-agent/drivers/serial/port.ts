/** A serial port of the box. */
import { read } from "node:fs";
import { promisify } from "node:util";
import type { LinuxPortBinding } from "@serialport/bindings-cpp";
import { describeSettings, type LineAddress } from "./address.ts";
import { type ByteLine, gaveUp, type LineEvents, once, unreachable } from "./byte-line.ts";

const readSome = promisify(read);
const READ_BYTES = 1_024;

export async function openPort(
  { path, settings }: Extract<LineAddress, { kind: "serial" }>,
  events: LineEvents,
  signal: AbortSignal,
): Promise<ByteLine> {
  // Loaded when a box has a serial port in use: native code that others need not carry.
  const { LinuxBinding } = await import("@serialport/bindings-cpp");
  const { baud: baudRate, dataBits, parity, stopBits } = settings;
  const where = `serial port ${path} (${describeSettings(settings)})`;
  const opening = LinuxBinding.open({ path, baudRate, dataBits, parity, stopBits });
  const port = new Port(
    await opening.catch((cause: unknown) => {
      throw unreachable(where, cause);
    }),
  );
  if (signal.aborted) {
    await port.close();
    throw gaveUp(signal);
  }
  const end = once((why) => {
    void port.close().then(() => events.ended(why));
  });
  void port.follow(events.received).then((cause) => end(unreachable(`${where} is gone`, cause)));
  return {
    write: (bytes) => {
      port.write(bytes).catch((cause: unknown) => end(unreachable(where, cause)));
    },
    close: async () => {
      end.forget();
      await port.close();
    },
  };
}

/**
 * The binding's own `read` asks again for ever, on a whole core, when a port that hung up reads as empty, which is what
 * an adapter that is pulled out does. So we read ourselves, and of the binding only its poller is used.
 */
class Port {
  readonly #binding: LinuxPortBinding;
  #reading: Promise<unknown> = Promise.resolve();
  #written: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(binding: LinuxPortBinding) {
    this.#binding = binding;
  }

  /** Hands over what comes until the port is gone, and resolves with why, if anybody said; never rejects. */
  async follow(received: (bytes: Uint8Array) => void): Promise<unknown> {
    const buffer = Buffer.alloc(READ_BYTES);
    while (this.#closed === undefined && this.#binding.fd !== null) {
      try {
        const reading = readSome(this.#binding.fd, buffer, 0, buffer.length, null);
        this.#reading = reading.catch(() => undefined);
        const { bytesRead } = await reading;
        if (bytesRead === 0) break;
        received(Uint8Array.from(buffer.subarray(0, bytesRead)));
      } catch (error) {
        if (!isEmpty(error)) return error;
        const failed = this.#closed === undefined ? await this.#readable() : null;
        if (failed !== null) return failed;
      }
    }
    return undefined;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#written = this.#written.then(() => this.#binding.write(Buffer.from(bytes)));
    await this.#written;
  }

  /** Never rejects. The number of a closed file may be given to another at once, so no read may be under way then. */
  close(): Promise<void> {
    this.#closed ??= this.#reading.then(() => this.#binding.close()).catch(() => undefined);
    return this.#closed;
  }

  #readable(): Promise<Error | null> {
    return new Promise((ready) => this.#binding.poller.once("readable", ready));
  }
}

const isEmpty = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EAGAIN" || error.code === "EINTR");
