import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import {
  formatCommand,
  LineSplitter,
  type PjlinkCommand,
  PjlinkFrameError,
  type PjlinkResult,
  parseGreeting,
  parseResponse,
} from "@campus-ops/device-profiles/codecs/pjlink";
import { DriverError } from "../driver.ts";

/** A device that talks on without being asked is cut off. */
const LINES_WAITING_MAX = 8;

/**
 * One short visit to a projector: connect, be greeted, ask, hang up. Projectors allow few connections and hang up
 * after 30 s of silence, so none is kept.
 */
export class PjlinkConnection {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #splitter = new LineSplitter();
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;
  #ended: DriverError | undefined;
  #digest = "";

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.on("error", (cause) => this.#end(unreachable("no connection", cause)));
    socket.on("close", () => this.#end(unreachable("the projector hung up")));
    signal.addEventListener("abort", this.#giveUp, { once: true });
  }

  /** Connects and takes the greeting. */
  static async open(
    host: string,
    port: number,
    secret: string | undefined,
    signal: AbortSignal,
  ): Promise<PjlinkConnection> {
    if (signal.aborted) throw timeout(signal);
    const connection = new PjlinkConnection(connect({ host, port, noDelay: true }), signal);
    try {
      await connection.#greet(secret);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async ask(command: PjlinkCommand): Promise<PjlinkResult> {
    this.#socket.write(this.#digest + formatCommand(command));
    this.#digest = "";
    const line = await this.#line();
    const response = this.#parse(() => {
      if (line.startsWith("PJLINK")) return parseGreeting(line);
      return parseResponse(line);
    });
    if ("kind" in response) {
      throw response.kind === "refused"
        ? loginRefused("the password is wrong")
        : this.#garbage("a second greeting");
    }
    if (response.command !== command.command) {
      throw this.#garbage(`asked for ${command.command}, answered with ${response.command}`);
    }
    return response.result;
  }

  close(): void {
    this.#end(unreachable("the visit is over"));
  }

  async #greet(secret: string | undefined): Promise<void> {
    const line = await this.#line();
    const greeting = this.#parse(() => parseGreeting(line));
    if (greeting.kind === "refused") throw loginRefused("the projector refuses us");
    if (greeting.kind === "open") return;
    if (secret === undefined) throw loginRefused("it asks for a password and none is configured");
    this.#digest = createHash("md5")
      .update(greeting.random + secret)
      .digest("hex");
  }

  async #line(): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.#lines.push(...this.#splitter.push(bytes));
    } catch (error) {
      if (!(error instanceof PjlinkFrameError)) throw error;
      this.#end(garbage(error.message));
    }
    if (this.#lines.length > LINES_WAITING_MAX) this.#end(garbage("it talks without being asked"));
    this.#wake?.();
  }

  #parse<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof PjlinkFrameError)) throw error;
      throw this.#garbage(error.message);
    }
  }

  #garbage(what: string): DriverError {
    const error = garbage(what);
    this.#end(error);
    return error;
  }

  readonly #giveUp = () => this.#end(timeout(this.#signal));

  #end(why: DriverError): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    this.#signal.removeEventListener("abort", this.#giveUp);
    this.#socket.destroy();
    this.#wake?.();
  }
}

function unreachable(what: string, cause?: unknown): DriverError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new DriverError("unreachable", `PJLink projector: ${what}${detail}`, { retry: true, cause });
}

const timeout = (signal: AbortSignal): DriverError =>
  new DriverError("timeout", "PJLink projector: gave up waiting for an answer", {
    retry: true,
    cause: signal.reason,
  });

const garbage = (what: string): DriverError =>
  new DriverError(
    "garbage",
    `PJLink projector: what it says is no PJLink (${what}); check address and port`,
    {
      retry: true,
    },
  );

const loginRefused = (why: string): DriverError =>
  new DriverError("login-refused", `PJLink projector: login refused, ${why}; correct its passwordFile`, {
    retry: false,
  });
