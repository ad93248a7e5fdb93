/**
 * MQTT.js on a TCP or TLS socket. Its own `connect` loads the clients of WebSocket and SOCKS beside them, 350 kB of
 * programs, whatever the address is.
 */
import net from "node:net";
import tls from "node:tls";
import { type IClientOptions, MqttClient } from "mqtt";

export type { IClientOptions, MqttClient } from "mqtt";

const PORT = 1883;
const TLS_PORT = 8883;

/** `url` is `mqtt://host[:port]` or `mqtts://host[:port]`. It connects by itself; its events say how it goes. */
export function connectMqtt(url: string, options: IClientOptions): MqttClient {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return heard(
    new MqttClient(
      (owner) =>
        protocol === "mqtts:"
          ? secured(owner, host, Number(port || TLS_PORT), options)
          : net.createConnection({ host, port: Number(port || PORT) }),
      { ...options, log: unheard },
    ),
  );
}

/** On a socket that is connected already. */
export function mqttOver(socket: net.Socket, options: IClientOptions): MqttClient {
  return heard(new MqttClient(() => socket, { ...options, log: unheard }));
}

/** Takes no arguments, so that none are put together for each message. */
function unheard(): void {}

function heard(client: MqttClient): MqttClient {
  // Whoever is interested listens too; a failure that nobody heard of would end the process.
  client.on("error", () => undefined);
  return client;
}

/** The client says nothing of what fails before there is a secure connection. */
function secured(client: MqttClient, host: string, port: number, options: IClientOptions): tls.TLSSocket {
  const { ca, cert, key } = options;
  const socket = tls.connect({
    host,
    port,
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: true,
  });
  const failed = (error: Error): void => {
    client.emit("error", error);
    socket.end();
  };
  socket.on("error", failed);
  socket.once("secureConnect", () => socket.off("error", failed));
  return socket;
}
