/**
 * A listening port for devices that call in. Anybody can call a port: who has not said who it is within a few seconds,
 * who is not expected, and who calls in masses is turned away without a device that is expected taking harm.
 */
import { createServer, type Server, type Socket } from "node:net";
import { DriverError } from "../driver.ts";
import { type Lease, Lines } from "../line.ts";
import { CallTally } from "./call-tally.ts";
import { Caller, type Splitter } from "./caller.ts";
import { Extension } from "./extension.ts";

/** A caller has so long to say who it is. */
export const INTRODUCTION_MS_MAX = 15_000;
/** Callers that have not said who they are; beyond that the longest of the address with the most is dropped. */
export const STRANGERS_MAX = 64;
/**
 * A port stays open for so long after the last session has let it go: longer than any back-off, so that a device which
 * calls in meanwhile finds somebody there.
 */
export const LINGER_MS = 300_000;

export type Introduction<Message, Settings> =
  /** It is this device. `message` is the first that the device's session gets. */
  | {
      readonly is: "known";
      readonly extension: Extension<Message, Settings>;
      readonly message?: Message;
    }
  | { readonly is: "unfinished" }
  /** Nobody by this name is expected here. */
  | { readonly is: "unknown"; readonly answer?: Uint8Array }
  /** It is expected, and has not proven that it is who it says. */
  | {
      readonly is: "refused";
      readonly extension: Extension<Message, Settings>;
      readonly answer?: Uint8Array;
    };

/** What a protocol adds. */
export interface CallProtocol<Message, Settings> {
  splitter(): Splitter<Message>;
  /** Hears one caller out until it has been recognised, message by message; may answer it. */
  introduction(
    expected: (identity: string) => Extension<Message, Settings> | undefined,
  ): (message: Message, caller: Caller<Message>) => Introduction<Message, Settings>;
}

export class Switchboard<Message, Settings> {
  /** Callers that were not expected here, did not say who they are, or spoke another protocol. */
  unknownCallers = 0;
  readonly #protocol: CallProtocol<Message, Settings>;
  readonly #server: Server;
  readonly #extensions = new Map<string, Extension<Message, Settings>>();
  /** In the order in which they called. */
  readonly #strangers = new Set<Caller<Message>>();
  readonly #callers = new Set<Caller<Message>>();

  readonly #tally: CallTally;

  private constructor(protocol: CallProtocol<Message, Settings>, tally: CallTally) {
    this.#protocol = protocol;
    this.#tally = tally;
    this.#server = createServer((socket) => this.#accept(socket));
    // What lingers must not keep a process that has nothing else to do, its connections neither.
    this.#server.unref();
  }

  /** Rejects `unreachable` when the port cannot be listened at. */
  static async open<Message, Settings>(
    host: string,
    port: number,
    protocol: CallProtocol<Message, Settings>,
    tally: CallTally = new CallTally(),
  ): Promise<Switchboard<Message, Settings>> {
    const board = new Switchboard(protocol, tally);
    const server = board.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (cause) =>
        reject(
          new DriverError(
            "unreachable",
            `cannot listen at ${host} port ${port}: ${cause.message}; another program may have it`,
            { retry: true, cause },
          ),
        ),
      );
      server.listen(port, host, resolve);
    });
    return board;
  }

  /** Connections that stand, known or not. */
  get connections(): number {
    return this.#callers.size;
  }

  /** The place of the device called `identity`, made when it is not there yet; `settings` gets those it had. */
  expect(
    identity: string,
    settings: (before: Settings | undefined) => Settings,
    onCall: () => void,
  ): Extension<Message, Settings> {
    const existing = this.#extensions.get(identity);
    if (existing === undefined) {
      const extension = new Extension<Message, Settings>(settings(undefined), onCall);
      this.#extensions.set(identity, extension);
      return extension;
    }
    existing.settings = settings(existing.settings);
    existing.onCall = onCall;
    return existing;
  }

  async close(): Promise<void> {
    for (const caller of this.#callers) caller.hangUp("is not served here any more");
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    socket.unref();
    let known: Extension<Message, Settings> | undefined;
    const introduce = this.#protocol.introduction((identity) => this.#extensions.get(identity));
    const patience = setTimeout(() => caller.hangUp("did not say who it is"), INTRODUCTION_MS_MAX).unref();
    const caller: Caller<Message> = new Caller(socket, this.#protocol.splitter(), {
      onMessage: (message) => {
        if (known !== undefined) known.deliver(message, caller);
        else known = this.#judge(introduce(message, caller), caller);
        if (known !== undefined) clearTimeout(patience);
      },
      onBad: (pieces) => {
        if (known !== undefined) known.malformed += pieces;
      },
      onClosed: (why) => {
        clearTimeout(patience);
        this.#callers.delete(caller);
        if (this.#strangers.delete(caller)) {
          this.unknownCallers += 1;
          this.#tally.unknown += 1;
        }
        known?.detach(caller, why);
      },
    });
    this.#callers.add(caller);
    this.#strangers.add(caller);
    if (this.#strangers.size > STRANGERS_MAX) this.#crowded()?.hangUp("is one of too many");
  }

  /** The device's place, once it is known. */
  #judge(
    said: Introduction<Message, Settings>,
    caller: Caller<Message>,
  ): Extension<Message, Settings> | undefined {
    switch (said.is) {
      case "unfinished":
        return undefined;
      case "known":
        this.#strangers.delete(caller);
        said.extension.attach(caller);
        if (said.message !== undefined) said.extension.deliver(said.message, caller);
        return said.extension;
      case "unknown":
        caller.dismiss(said.answer ?? new Uint8Array(), "is not expected here");
        return undefined;
      case "refused":
        said.extension.refused += 1;
        this.#tally.refused += 1;
        this.#strangers.delete(caller);
        caller.dismiss(said.answer ?? new Uint8Array(), "could not prove who it is");
        return undefined;
    }
  }

  /** The stranger that waits longest, of the address that has the most. */
  #crowded(): Caller<Message> | undefined {
    const byAddress = Map.groupBy(this.#strangers, ({ address }) => address);
    const crowds = [...byAddress.values()].sort((a, b) => b.length - a.length);
    return crowds[0]?.[0];
  }
}

/** A device that has called, and where. */
export interface Meeting<Message, Settings> {
  readonly board: Switchboard<Message, Settings>;
  readonly extension: Extension<Message, Settings>;
  /** Gives the port back, after {@link LINGER_MS}. */
  readonly letGo: () => Promise<void>;
}

/** The switchboards of one protocol, by address. */
export class Switchboards<Message, Settings> {
  readonly tally = new CallTally();
  readonly #protocol: CallProtocol<Message, Settings>;
  readonly #lines = new Lines<Switchboard<Message, Settings>>((board) => board.close());
  readonly #linger_ms: number;

  constructor(protocol: CallProtocol<Message, Settings>, linger_ms = LINGER_MS) {
    this.#protocol = protocol;
    this.#linger_ms = linger_ms;
  }

  /**
   * Waits for a device at the port that it calls. Rejects `unreachable` when it has not called until `signal` aborts;
   * its place is kept all the same for as long as the port lingers.
   */
  async meet(
    { host, port }: { readonly host: string; readonly port: number },
    identity: string,
    settings: (before: Settings | undefined) => Settings,
    onCall: () => void,
    signal: AbortSignal,
  ): Promise<Meeting<Message, Settings>> {
    const lease: Lease<Switchboard<Message, Settings>> = await this.#lines.lease(`${host}:${port}`, () =>
      Switchboard.open(host, port, this.#protocol, this.tally),
    );
    const letGo = async (): Promise<void> => {
      if (this.#linger_ms === 0) await lease.release();
      else setTimeout(() => void lease.release(), this.#linger_ms).unref();
    };
    const extension = lease.line.expect(identity, settings, onCall);
    try {
      await extension.present(signal);
    } catch (error) {
      await letGo();
      throw error;
    }
    return { board: lease.line, extension, letGo };
  }
}
