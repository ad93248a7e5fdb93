/**
 * The MQTT server: aedes, with a door, a rule book and bounds around it.
 *
 * It keeps nothing: sessions must be clean and only a host's STATE is retained, so that a restart loses nothing that its
 * owner does not publish again. Durability is the business of the edges' outboxes and of the journal.
 */
import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Log } from "@campus-ops/service";
import { Aedes, type AuthenticateError, type Client, type ConnectPacket } from "aedes";
import { type Access, authenticate, type Credentials, mayPublish, maySubscribe } from "./access.ts";
import { type CertificateHolder, holderOf } from "./certificate-holder.ts";
import type { ListenConfiguration } from "./configuration.ts";
import type { BrokerCounters } from "./counters.ts";
import { DenyList, TWIN_REASON } from "./deny-list.ts";
import { Exchange } from "./exchange.ts";
import { CLIENT_BUFFER_BYTES_MAX, type Listener, listen } from "./listeners.ts";
import { PacketGuard, type Violation } from "./packet-guard.ts";
import { TwinDetector } from "./twin-detector.ts";
import { WarningLimit } from "./warning-limit.ts";

/** From the TCP connection to CONNECT. */
export const CONNECT_MS_MAX = 10_000;
/** A client promises to be heard at least this often; 0, which promises nothing, is refused. */
export const KEEPALIVE_SECONDS_MAX = 1_200;
/** A client whose buffer is full for this long is disconnected; one that is slower than that goes by its buffer's size. */
export const DRAIN_MS_MAX = 5_000;
export const CLIENT_ID_BYTES_MAX = 256;
export const SUBSCRIPTIONS_MAX = 64;
/** How often it is looked whose certificate has ended while it was connected. */
const ENDED_MS = 60_000;
/** Messages that are under way to subscribers at once; 10 to 20 % more throughput than aedes' own 100. */
const CONCURRENCY = 1_000;
const NOT_AUTHORIZED = 5;
const BAD_USERNAME_OR_PASSWORD = 4;

export interface BrokerOptions {
  readonly listen: readonly ListenConfiguration[];
  readonly users: ReadonlyMap<string, Credentials>;
  /** See `deny-list.ts`; without it nobody is locked out for longer than the broker runs. */
  readonly denyFile?: string | undefined;
  readonly log: Log;
  readonly counters: BrokerCounters;
  /** {@link CONNECT_MS_MAX} unless said. */
  readonly connectMs?: number;
}

export interface Broker {
  readonly listeners: readonly Listener[];
  readonly connectedClients: number;
  /** Read from clients, and not handed on to those who subscribed to them. */
  readonly waitingMessages: number;
  close(): Promise<void>;
}

/** What the broker knows of a client beside what aedes does. */
interface Session {
  readonly name: string;
  readonly access: Access;
  /** Where a certificate says who it is. */
  readonly holder: CertificateHolder | undefined;
  readonly filters: Set<string>;
}

/** Resolves once every listener listens. Throws `OperatorError` when one cannot; the others are closed again. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const server = new Server(options);
  await server.start();
  return server;
}

class Server implements Broker {
  readonly #options: BrokerOptions;
  readonly #log: Log;
  readonly #counters: BrokerCounters;
  readonly #warnings: WarningLimit;
  readonly #aedes: Aedes;
  readonly #exchange = new Exchange(CONCURRENCY, isPrompt);
  readonly #sessions = new WeakMap<Client, Session>();
  readonly #connects = new WeakMap<Client, ConnectPacket>();
  /** By client id: whoever is connected under one keeps it from other users. */
  readonly #clients = new Map<string, Client>();
  readonly #reported = new WeakSet<object>();
  /** A socket that is closed forgets whose it was. */
  readonly #remotes = new WeakMap<object, string>();
  readonly #holders = new WeakMap<object, CertificateHolder>();
  readonly #twins = new TwinDetector();
  /** Certificates that were found on two machines since the broker was started. */
  readonly #quarantined = new Set<string>();
  #denied: DenyList | undefined;
  #ended: NodeJS.Timeout | undefined;
  #listeners: readonly Listener[] = [];

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#counters = options.counters;
    this.#warnings = new WarningLimit(options.log);
    this.#aedes = new Aedes({
      mq: this.#exchange,
      concurrency: CONCURRENCY,
      connectTimeout: options.connectMs ?? CONNECT_MS_MAX,
      drainTimeout: DRAIN_MS_MAX,
      maxClientsIdLength: CLIENT_ID_BYTES_MAX,
      preConnect: (client, packet, done) => {
        this.#connects.set(client, packet);
        done(null, true);
      },
      authenticate: (client, name, password, done) => {
        const refused = this.#admit(client, name, password);
        if (refused === undefined) done(null, true);
        else done(refused, false);
      },
      authorizePublish: (client, packet, done) => {
        done(
          client === null || this.#publishes(client, packet.topic, packet.retain)
            ? null
            : new Error("denied"),
        );
      },
      authorizeSubscribe: (client, subscription, done) => {
        done(null, this.#subscribes(client, subscription.topic) ? subscription : null);
      },
      authorizeForward: (client, packet) => (this.#reads(client) ? packet : null),
    });
    this.#observe();
  }

  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  get connectedClients(): number {
    return this.#aedes.connectedClients;
  }

  get waitingMessages(): number {
    return this.#exchange.waiting;
  }

  async start(): Promise<void> {
    await this.#aedes.listen();
    this.#denied = this.#watchDenied();
    this.#ended = setInterval(() => this.#dropEnded(), ENDED_MS);
    const started: Listener[] = [];
    try {
      for (const each of this.#options.listen) {
        const listener = await listen(each, {
          onConnection: (socket) => this.#connection(socket),
          onRefused: (reason, remote, message) => this.#bad(reason, remote, message),
          onCertificate: (error) => this.#tellOfCertificate(error),
        });
        started.push(listener);
        const { host, port, tls } = listener;
        this.#log.info({ host, port, tls }, "MQTT listens");
      }
    } catch (error) {
      await Promise.all(started.map((listener) => listener.close()));
      this.#closeWatches();
      await this.#closeAedes();
      throw error;
    }
    this.#listeners = started;
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.#listeners.map((listener) => listener.close()));
    this.#closeWatches();
    await this.#closeAedes();
    await closed;
    this.#warnings.close();
  }

  #closeWatches(): void {
    this.#denied?.close();
    clearInterval(this.#ended);
  }

  #closeAedes(): Promise<void> {
    return new Promise((resolve) => this.#aedes.close(() => resolve()));
  }

  /**
   * aedes reads from the socket by `read`; the guard sees what it is handed before it does. It takes what `write` answers for
   * whether the client is full, and holds up everybody's messages while one is: full is what `#reads` means by it.
   */
  #connection(socket: Socket): void {
    this.#remotes.set(socket, socket.remoteAddress ?? "unknown");
    const holder = holderOf(socket);
    if (holder !== undefined) this.#holders.set(socket, holder);
    const guard = new PacketGuard();
    const read = socket.read.bind(socket);
    socket.read = (size?: number) => {
      const chunk: unknown = read(size);
      if (!(chunk instanceof Uint8Array)) return chunk;
      const violation = guard.inspect(chunk);
      if (violation === undefined) return chunk;
      this.#reported.add(socket);
      this.#bad(violation, this.#remote(socket), explain(violation));
      socket.destroy();
      return null;
    };
    const write: (...chunk: Parameters<Socket["write"]>) => boolean = socket.write.bind(socket);
    socket.write = (...chunk: unknown[]) => {
      write(...(chunk as Parameters<Socket["write"]>));
      return socket.writableLength < CLIENT_BUFFER_BYTES_MAX;
    };
    this.#aedes.handle(socket);
  }

  #admit(
    client: Client,
    name: string | undefined,
    password: Buffer | undefined,
  ): AuthenticateError | undefined {
    const holder = this.#holders.get(client.conn);
    return holder === undefined
      ? this.#admitUser(client, name, authenticate(this.#options.users, name, password))
      : this.#admitHolder(client, holder, name);
  }

  #admitUser(
    client: Client,
    name: string | undefined,
    access: Access | undefined,
  ): AuthenticateError | undefined {
    if (access === undefined || name === undefined) {
      return this.#refuse(client, "credentials", BAD_USERNAME_OR_PASSWORD, "wrong user name or password");
    }
    return this.#admitSession(client, { name, access, holder: undefined, filters: new Set() });
  }

  /** The certificate alone says who it is; `program` says which of its programs, see `twin-detector.ts`. */
  #admitHolder(
    client: Client,
    holder: CertificateHolder,
    program: string | undefined,
  ): AuthenticateError | undefined {
    const { access, name, serial } = holder;
    if (access === undefined) {
      const message = `the certificate of ${name} does not say whose it is: campus-ops://edge/<campus>/<node> as its only alternative name`;
      return this.#refuse(client, "certificate", NOT_AUTHORIZED, message);
    }
    if (this.#isDenied(serial)) {
      return this.#refuse(
        client,
        "denied",
        NOT_AUTHORIZED,
        `the certificate ${serial} of ${name} is good no more`,
      );
    }
    if (program !== undefined && program !== "" && this.#twins.isTwin(serial, program)) {
      this.#quarantine(holder);
      return this.#refuse(
        client,
        "twin",
        NOT_AUTHORIZED,
        `the certificate ${serial} of ${name} is on two machines`,
      );
    }
    return this.#admitSession(client, { name, access, holder, filters: new Set() });
  }

  #admitSession(client: Client, session: Session): AuthenticateError | undefined {
    const { access, name } = session;
    const packet = this.#connects.get(client);
    if (packet === undefined || !packet.clean) {
      return this.#refuse(
        client,
        "session",
        NOT_AUTHORIZED,
        `${name} asks for a session that is kept; Sparkplug wants clean ones`,
      );
    }
    const { keepalive = 0, will } = packet;
    if (keepalive < 1 || keepalive > KEEPALIVE_SECONDS_MAX) {
      const message = `${name} has a keep-alive of ${keepalive} s; 1 to ${KEEPALIVE_SECONDS_MAX} are allowed`;
      return this.#refuse(client, "keepalive", NOT_AUTHORIZED, message);
    }
    if (will !== undefined && !mayPublish(access, will.topic, will.retain === true)) {
      return this.#refuse(
        client,
        "will",
        NOT_AUTHORIZED,
        `${name} has a will on ${will.topic}, which it may not publish to`,
      );
    }
    const holder = this.#clients.get(client.id);
    const owner = holder === undefined ? undefined : this.#sessions.get(holder)?.name;
    if (owner !== undefined && owner !== name) {
      return this.#refuse(
        client,
        "client-id",
        NOT_AUTHORIZED,
        `${name} uses the client id of ${owner}, which is connected`,
      );
    }
    this.#sessions.set(client, session);
    this.#counters.logins.inc({ role: access.role });
    return undefined;
  }

  #isDenied(serial: string): boolean {
    return this.#quarantined.has(serial) || this.#denied?.has(serial) === true;
  }

  /** Which of the two is the right one only a person can say: neither is let in until a person has. */
  #quarantine({ name, serial }: CertificateHolder): void {
    this.#quarantined.add(serial);
    this.#twins.forget(serial);
    this.#counters.quarantines.inc();
    this.#log.error(
      { name, serial },
      "one certificate is used on two machines, a copied disk for instance; both are shut out. Switch one off, and " +
        "enrol the other anew: campus-ops enrol token --replace",
    );
    this.#denied?.add(serial, `${name}: ${TWIN_REASON}`);
    this.#drop((holder) => holder.serial === serial, "its certificate is on two machines");
  }

  #watchDenied(): DenyList | undefined {
    const { denyFile } = this.#options;
    if (denyFile === undefined) return undefined;
    return new DenyList({
      file: denyFile,
      onChange: ({ serials, unreadable }) => {
        if (unreadable.length > 0) {
          const message = "lines of the list of denied certificates cannot be read; the others are in force";
          this.#log.error({ file: denyFile, lines: unreadable.slice(0, 10) }, message);
        }
        this.#log.info({ file: denyFile, certificates: serials.size }, "denied certificates");
        // What a person took off the list is let in again.
        for (const serial of this.#quarantined) if (!serials.has(serial)) this.#quarantined.delete(serial);
        this.#drop(({ serial }) => serials.has(serial), "its certificate is good no more");
      },
      onTrouble: (error) =>
        this.#log.error({ err: error, file: denyFile }, "the list of denied certificates cannot be kept up"),
    });
  }

  #dropEnded(): void {
    const now = Date.now();
    this.#drop(({ notAfter }) => notAfter < now, "its certificate has ended");
  }

  /** The connections end without DISCONNECT, so that the wills tell the host. */
  #drop(which: (holder: CertificateHolder) => boolean, why: string): void {
    for (const client of this.#clients.values()) {
      const holder = this.#sessions.get(client)?.holder;
      if (holder === undefined || !which(holder)) continue;
      this.#log.warn({ name: holder.name, serial: holder.serial }, `disconnected: ${why}`);
      this.#reported.add(client);
      client.conn.destroy();
    }
  }

  #tellOfCertificate(error: Error | undefined): void {
    if (error === undefined) this.#log.info("the broker's own certificate was read anew");
    else
      this.#log.error(
        { err: error },
        "the broker's new certificate cannot be used; it goes on with the old one",
      );
  }

  #refuse(client: Client, reason: string, returnCode: 4 | 5, message: string): AuthenticateError {
    this.#counters.loginsRefused.inc({ reason });
    this.#warnings.warn(
      { reason, remote: this.#remote(client.conn), clientId: client.id },
      `login refused: ${message}`,
    );
    this.#reported.add(client);
    return Object.assign(new Error(message), { returnCode });
  }

  /** A message that is denied costs its sender the connection: MQTT 3.1.1 has no other way to say no. */
  #publishes(client: Client, topic: string, retain: boolean): boolean {
    const session = this.#sessions.get(client);
    if (session !== undefined && mayPublish(session.access, topic, retain)) return true;
    this.#counters.publishesDenied.inc({ role: session?.access.role ?? "none" });
    this.#warnings.warn({ user: session?.name, topic, retain }, "publish denied; the client is disconnected");
    this.#reported.add(client);
    return false;
  }

  #subscribes(client: Client, filter: string): boolean {
    const session = this.#sessions.get(client);
    if (session !== undefined && maySubscribe(session.access, filter)) {
      if (session.filters.size < SUBSCRIPTIONS_MAX || session.filters.has(filter)) {
        session.filters.add(filter);
        return true;
      }
    }
    this.#counters.subscriptionsDenied.inc({ role: session?.access.role ?? "none" });
    this.#warnings.warn({ user: session?.name, filter }, "subscription denied");
    return false;
  }

  /** A client that does not read must not make the others wait: it goes before its buffer is full. */
  #reads(client: Client): boolean {
    if (client.conn.writableLength < CLIENT_BUFFER_BYTES_MAX - PACKET_RESERVE_BYTES) return true;
    if (!client.conn.destroyed) {
      this.#counters.slowSubscribers.inc();
      this.#warnings.warn(
        { user: this.#sessions.get(client)?.name, remote: this.#remote(client.conn) },
        "a client does not read what it subscribed to; it is disconnected",
      );
      this.#reported.add(client);
      client.conn.destroy();
    }
    return false;
  }

  #observe(): void {
    const aedes = this.#aedes;
    aedes.on("client", (client) => {
      this.#clients.set(client.id, client);
      this.#counters.connections.set(aedes.connectedClients);
    });
    aedes.on("clientDisconnect", (client) => {
      this.#counters.connections.set(aedes.connectedClients);
      // The one that was taken over leaves after its successor came.
      if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
    });
    aedes.on("unsubscribe", (filters, client) => {
      const session = this.#sessions.get(client);
      for (const filter of filters) session?.filters.delete(filter);
    });
    aedes.on("publish", (packet, client) => {
      if (client === null) return;
      this.#counters.messagesReceived.inc();
      this.#counters.bytesReceived.inc(packet.payload.length);
    });
    aedes.on("keepaliveTimeout", (client) => {
      this.#counters.keepaliveTimeouts.inc();
      this.#reported.add(client);
    });
    aedes.on("clientError", (client, error) => this.#failed(client, error));
    aedes.on("connectionError", (client, error) => this.#failed(client, error));
    const emitter: EventEmitter = aedes;
    emitter.on("error", (error: Error) => this.#log.error({ err: error }, "the broker's store failed"));
  }

  /** Reset connections are everyday life; what is left is a client that did not speak MQTT. */
  #failed(client: Client, error: Error): void {
    if (this.#reported.has(client) || this.#reported.has(client.conn)) return;
    this.#reported.add(client);
    if ("code" in error || error.message === "connection closed") return;
    this.#bad(failureReason(error.message), this.#remote(client.conn), error.message);
  }

  #remote(connection: object): string {
    return this.#remotes.get(connection) ?? "unknown";
  }

  #bad(reason: BadConnection, remote: string, message: string): void {
    this.#counters.badConnections.inc({ reason });
    this.#warnings.warn({ reason, remote }, `connection closed: ${message}`);
  }
}

/** Room for the message that is being handed over while the limit is checked. */
const PACKET_RESERVE_BYTES = 2 * 1024 * 1024;

/** What hosts say, acknowledgements and commands among it: edges wait for it, and it is never much. */
const isPrompt = (topic: string): boolean => PROMPT.test(topic);
const PROMPT = /^spBv1\.0\/(?:STATE\/|[^/]+\/[ND]CMD\/)/;

type BadConnection = Violation | "tls" | "too-many" | "no-connect" | "protocol-version";

/** aedes tells its errors apart by their texts only. */
function failureReason(message: string): BadConnection {
  if (message.startsWith("connect did not arrive")) return "no-connect";
  return message === "unacceptable protocol version" ? "protocol-version" : "not-mqtt";
}

function explain(violation: Violation): string {
  return violation === "not-mqtt"
    ? "it does not speak MQTT"
    : "it announced a packet larger than the broker takes";
}
