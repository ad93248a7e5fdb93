/** Listening sockets: plain TCP for loopback, TLS 1.3 for the rest. */
import { type FSWatcher, readFileSync, watch } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { basename, dirname } from "node:path";
import { createSecureContext, createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { OperatorError } from "@campus-ops/service";
import type { ListenConfiguration, TlsConfiguration } from "./configuration.ts";
import { portHolder } from "./port-holder.ts";

/** TCP connections of one listener; one more is closed at once. */
export const CONNECTIONS_MAX = 4_096;
/** A TLS handshake that takes longer is given up. */
const HANDSHAKE_MS_MAX = 10_000;
/** What may wait in memory for one client to read it; see `broker.ts` for what happens beyond. */
export const CLIENT_BUFFER_BYTES_MAX = 16 * 1024 * 1024;
/**
 * What is read of one client before the broker has dealt with it; the rest waits in the kernel, and with its sender. Each
 * read is broken into messages at once, and in a flood each of them waits with fifty times its own size around it.
 */
export const READ_BYTES_MAX = 64 * 1024;

export interface ListenerEvents {
  readonly onConnection: (socket: Socket) => void;
  /** A connection that failed before it was one: a TLS handshake, or one too many. */
  readonly onRefused: (reason: "tls" | "too-many", remote: string, message: string) => void;
  /** The certificate's file has changed: it is in use for new connections, or why not. */
  readonly onCertificate: (error: Error | undefined) => void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Stops taking connections and closes those there are. */
  close(): Promise<void>;
}

/** Throws `OperatorError` when the port is taken or a certificate cannot be used. */
export async function listen(configuration: ListenConfiguration, events: ListenerEvents): Promise<Listener> {
  const { host, port, tls } = configuration;
  const options = { highWaterMark: READ_BYTES_MAX, noDelay: true };
  const tlsServer =
    tls === undefined
      ? undefined
      : createTlsServer({ ...options, ...tlsOptions(tls) }, (socket) => events.onConnection(socket));
  const server = tlsServer ?? createServer(options, events.onConnection);
  server.maxConnections = CONNECTIONS_MAX;
  server.on("tlsClientError", (error: Error & { readonly reason?: string }, socket: Socket) => {
    // OpenSSL's own words without its line numbers, where there are any.
    events.onRefused("tls", socket.remoteAddress ?? "unknown", error.reason ?? error.message);
  });
  server.on("drop", (data) => {
    events.onRefused(
      "too-many",
      data?.remoteAddress ?? "unknown",
      `more than ${CONNECTIONS_MAX} connections`,
    );
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await bind(server, host, port);
  const watcher =
    tlsServer === undefined || tls === undefined ? undefined : follow(tlsServer, tls, events.onCertificate);
  return {
    host,
    port: (server.address() as AddressInfo).port,
    tls: tls !== undefined,
    close: () =>
      new Promise((resolve) => {
        watcher?.close();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Writers put a certificate in place in several steps; it is read when nothing has happened for so long. */
const SETTLE_MS = 200;

/** A server's certificate is renewed while it runs. */
function follow(
  server: TlsServer,
  tls: TlsConfiguration,
  onCertificate: ListenerEvents["onCertificate"],
): FSWatcher {
  let settling: NodeJS.Timeout | undefined;
  const read = (): void => {
    try {
      server.setSecureContext(tlsOptions(tls));
      onCertificate(undefined);
    } catch (error) {
      onCertificate(error as Error);
    }
  };
  const watcher = watch(dirname(tls.certFile), (_, changed) => {
    if (changed !== basename(tls.certFile)) return;
    clearTimeout(settling);
    settling = setTimeout(read, SETTLE_MS);
  });
  watcher.on("error", onCertificate);
  watcher.on("close", () => clearTimeout(settling));
  return watcher;
}

function tlsOptions(tls: TlsConfiguration): object {
  const required = tls.requireClientCertificate === true;
  try {
    const options = {
      minVersion: "TLSv1.3",
      cert: readFileSync(tls.certFile),
      key: readFileSync(tls.keyFile),
      ...(tls.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) }),
      requestCert: required,
      rejectUnauthorized: required,
      handshakeTimeout: HANDSHAKE_MS_MAX,
    } as const;
    createSecureContext(options);
    return options;
  } catch (error) {
    throw new OperatorError(`a certificate or key of the broker cannot be used: ${(error as Error).message}`);
  }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const choose = `set CAMPUS_OPS_MQTT_PORT to another port, or change broker.listen in the hub's configuration`;
  switch (error.code) {
    case "EADDRINUSE": {
      const holder = portHolder(port) ?? "a program that another user runs, or that has just ended";
      return new OperatorError(`MQTT port ${port} on ${host} is taken by ${holder}. Stop it, or ${choose}`);
    }
    case "EACCES":
      return new OperatorError(
        `MQTT port ${port} on ${host} needs privileges this process does not have; ${choose}`,
      );
    case "EADDRNOTAVAIL":
      return new OperatorError(
        `this machine has no address ${host}; correct broker.listen in the hub's configuration`,
      );
    default:
      return error;
  }
}
