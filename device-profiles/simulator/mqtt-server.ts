/**
 * The MQTT server between a simulated gateway and whoever listens to it: one of its own that can be broken, or one that
 * is there already.
 */
import { Aedes } from "aedes";
import mqtt from "mqtt";
import type { SimulatedFault, SimulatorOptions } from "./simulated-device.ts";
import { REBOOTING_TCP_FAULTS } from "./simulated-device.ts";
import { FaultableTcpServer } from "./tcp-server.ts";

type OnPublished = (topic: string, payload: string) => void;

export interface GatewaySide {
  /** `mqtt://127.0.0.1:1883`, without a path. */
  readonly url: string;
  publish(topic: string, payload: string, retain?: boolean): void;
  /** Told of what others publish. */
  onPublished(listener: OnPublished): void;
  /** Told when somebody begins to listen; never at a server that is not its own. */
  onSubscribed(listener: (topic: string) => void): void;
  fault(fault: SimulatedFault | null): Promise<void>;
  close(): Promise<void>;
}

/** Late replies and the like are TCP's: what an MQTT server can show of them. */
export const SERVER_FAULTS = REBOOTING_TCP_FAULTS.filter((fault) => fault !== "late-replies");

const isServerFault = (fault: SimulatedFault): boolean => SERVER_FAULTS.some((each) => each === fault);

export function startGatewaySide(options: SimulatorOptions): Promise<GatewaySide> {
  return options.mqttServer === undefined ? ownServer(options) : guest(options.mqttServer, options);
}

async function ownServer({ port = 0, secret, username }: SimulatorOptions): Promise<GatewaySide> {
  const aedes = await Aedes.createBroker();
  if (secret !== undefined) {
    aedes.authenticate = (_client, user, password, done) => {
      const isRight = password?.toString() === secret && (username === undefined || user === username);
      done(isRight ? null : Object.assign(new Error("wrong login"), { returnCode: 4 }), isRight);
    };
  }
  const server = new FaultableTcpServer((socket) => void aedes.handle(socket));
  await server.listen(port);
  let isBroken = false;
  return {
    url: `mqtt://127.0.0.1:${server.port}`,
    publish: (topic, payload, retain = false) =>
      aedes.publish(
        { cmd: "publish", topic, payload: Buffer.from(payload), retain, qos: 0, dup: false },
        () => undefined,
      ),
    onPublished: (listener) => {
      aedes.on("publish", ({ payload, topic }, client) => {
        if (client !== null) listener(topic, payload.toString());
      });
    },
    onSubscribed: (listener) => {
      aedes.on("subscribe", (subscriptions) => {
        for (const { topic } of subscriptions) listener(topic);
      });
    },
    // What the device behind it does wrong leaves the server's connections alone.
    fault: async (fault) => {
      const breaks = fault !== null && isServerFault(fault);
      if (breaks || isBroken) await server.fault(breaks ? fault : null);
      isBroken = breaks;
    },
    close: async () => {
      await server.close();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}

async function guest(url: string, { secret, username }: SimulatorOptions): Promise<GatewaySide> {
  const client = await mqtt.connectAsync(url, {
    ...(username === undefined ? {} : { username }),
    ...(secret === undefined ? {} : { password: secret }),
  });
  return {
    url,
    publish: (topic, payload, retain = false) => void client.publish(topic, payload, { retain, qos: 1 }),
    onPublished: (listener) => {
      client.on("message", (topic, payload) => listener(topic, payload.toString()));
      client.subscribe(["+/+/set", "+/+/get", "application/+/device/+/command/down"], { qos: 1 });
    },
    onSubscribed: () => undefined,
    fault: async (fault) => {
      if (fault !== null && isServerFault(fault)) {
        throw new RangeError("a server that is not the simulator's own cannot be broken by it");
      }
    },
    close: async () => {
      await client.endAsync(true);
    },
  };
}
