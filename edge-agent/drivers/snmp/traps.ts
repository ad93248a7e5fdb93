/**
 * The port at which traps and informs of many devices arrive. A notification is a hint and never believed: it makes the
 * agent look at the device it claims to come from, so that a forged one costs a look and nothing else. What comes from
 * an address that no device has is dropped before it is decoded.
 */
import type { RemoteInfo, Socket } from "node:dgram";
import { once } from "node:events";
import snmp from "net-snmp";
import { DriverError } from "../driver.ts";
import { Lines } from "../line.ts";
import { type GateCounters, SourceGate } from "../notices/source-gate.ts";
import { guardedSocket } from "./guarded-socket.ts";
import type { SnmpCredentials } from "./target.ts";

/** UDP's own limit is higher; no notification of RFC 3418 comes near it. */
const NOTIFICATION_BYTES_MAX = 8_192;

export interface TrapCounters extends GateCounters {
  /** Decoded, and neither SNMP nor signed as the device signs. */
  readonly refused: number;
  readonly accepted: number;
}

export interface TrapSubscriber {
  /** The address the device's notifications come from. */
  readonly address: string;
  readonly credentials: SnmpCredentials;
  /** Told of each notification: the device should be looked at. */
  readonly onNotification: () => void;
  readonly onRefused: () => void;
}

/** One listening port, shared by all devices that name it. */
export const TRAP_LISTENERS = new Lines<TrapListener>((listener) => listener.close());

export class TrapListener {
  readonly #socket: Socket;
  readonly #gate = new SourceGate<TrapSubscriber>();
  #refused = 0;
  #accepted = 0;
  readonly #decoder: NotificationDecoder;

  private constructor(socket: Socket, now: () => number) {
    this.#socket = socket;
    this.#decoder = new NotificationDecoder(socket, {
      onNotification: (notification) => this.#accept(notification),
      onRefused: (address) => this.#refuse(address),
    });
    socket.on("message", (message, from) => this.#receive(message, from, now()));
  }

  /** Rejects with a DriverError when the port cannot be had. */
  static async open(host: string, port: number, now: () => number = Date.now): Promise<TrapListener> {
    const socket = guardedSocket("udp4");
    try {
      socket.bind(port, host);
      await once(socket, "listening");
    } catch (cause) {
      const message = `traps cannot be received at ${host}:${port}: ${cause instanceof Error ? cause.message : cause}`;
      throw new DriverError("unsupported", message, { retry: true, cause });
    }
    // What a socket reports later concerns a single answer; the port stays open.
    socket.on("error", () => undefined);
    return new TrapListener(socket, now);
  }

  get counters(): TrapCounters {
    return { ...this.#gate.counters, refused: this.#refused, accepted: this.#accepted };
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Lets the subscriber be told. The function returned ends that. */
  register(subscriber: TrapSubscriber): () => void {
    const { address, credentials } = subscriber;
    if (credentials.version === "3") this.#admitUser(credentials.user);
    else this.#decoder.authorizer.addCommunity(credentials.community);
    const leave = this.#gate.add(address, subscriber);
    return () => {
      leave();
      this.#forget(credentials);
    };
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }

  /** The library knows a user by name alone, whoever sends. */
  #admitUser(user: snmp.User): void {
    const { authorizer } = this.#decoder;
    const known = authorizer.getUser(user.name);
    if (known !== null && known.authKey !== user.authKey) {
      const message = `two devices at this trap port have the user ${user.name} with different passphrases`;
      throw new DriverError("unsupported", message, { retry: false });
    }
    authorizer.addUser(user);
  }

  #forget(credentials: SnmpCredentials): void {
    if (this.#gate.all().some((each) => sameLogin(each.credentials, credentials))) return;
    const { authorizer } = this.#decoder;
    if (credentials.version === "3") authorizer.deleteUser(credentials.user.name);
    else authorizer.deleteCommunity(credentials.community);
  }

  #receive(message: Buffer, from: RemoteInfo, now: number): void {
    if (!this.#gate.admits(from.address, now)) return;
    if (message.length > NOTIFICATION_BYTES_MAX) {
      this.#refuse(from.address);
      return;
    }
    this.#decoder.decode(message, from);
  }

  #accept({ pdu, rinfo }: Notification): void {
    const signed = this.#gate
      .at(rinfo.address)
      .filter(({ credentials }) =>
        credentials.version === "3"
          ? pdu.user === credentials.user.name
          : pdu.community === credentials.community,
      );
    if (signed.length === 0) {
      this.#refuse(rinfo.address);
      return;
    }
    this.#accepted += 1;
    for (const { onNotification } of signed) onNotification();
  }

  #refuse(address: string | undefined): void {
    this.#refused += 1;
    for (const { onRefused } of this.#gate.at(address ?? "")) onRefused();
  }
}

/** What the library needs to answer an inform. */
export type AnsweringSocket = Pick<Socket, "send" | "address">;

/** The library's receiver, fed by us with one datagram after the other; whatever it is fed, it never throws. */
export class NotificationDecoder {
  readonly authorizer: Authorizer;
  readonly #onRefused: (address: string | undefined) => void;
  #hear: (message: Buffer, from: RemoteInfo) => void = () => undefined;

  constructor(
    socket: AnsweringSocket,
    {
      onNotification,
      onRefused,
    }: {
      readonly onNotification: (notification: Notification) => void;
      readonly onRefused: (address: string | undefined) => void;
    },
  ) {
    this.#onRefused = onRefused;
    const receiver: Receiver = snmp.createReceiver(
      { includeAuthentication: true, dgramModule: { createSocket: () => this.#adapted(socket) } },
      (error: (Error & { rinfo?: RemoteInfo }) | null, notification?: Notification) => {
        if (error !== null || notification === undefined) onRefused(error?.rinfo?.address);
        else onNotification(notification);
      },
    );
    this.authorizer = receiver.getAuthorizer();
  }

  decode(message: Buffer, from: RemoteInfo): void {
    try {
      this.#hear(message, from);
    } catch {
      this.#onRefused(from.address);
    }
  }

  /** What the library takes for its socket: bound already, its messages filtered by us before it sees them. */
  #adapted(socket: AnsweringSocket): object {
    return {
      on: (event: string, listener: (message: Buffer, from: RemoteInfo) => void) => {
        if (event === "message") this.#hear = listener;
      },
      bind: () => undefined,
      send: socket.send.bind(socket),
      close: () => undefined,
      address: () => socket.address(),
    };
  }
}

/** The parts of the library's receiver that are used here; its published types have none. */
interface Receiver {
  getAuthorizer(): Authorizer;
}

export interface Authorizer {
  addCommunity(community: string): void;
  deleteCommunity(community: string): void;
  addUser(user: snmp.User): void;
  getUser(name: string): snmp.User | null;
  deleteUser(name: string): void;
}

export interface Notification {
  readonly pdu: { readonly community?: string; readonly user?: string };
  readonly rinfo: RemoteInfo;
}

function sameLogin(a: SnmpCredentials, b: SnmpCredentials): boolean {
  return a.version === "3" || b.version === "3"
    ? a.version === b.version && "user" in a && "user" in b && a.user.name === b.user.name
    : a.community === b.community;
}
