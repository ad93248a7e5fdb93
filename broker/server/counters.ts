/** What the broker counts, for Prometheus. */
import { Counter, Gauge, type Registry } from "@campus-ops/service";

export interface BrokerCounters {
  readonly connections: Gauge;
  readonly messagesReceived: Counter;
  readonly bytesReceived: Counter;
  readonly logins: Counter<"role">;
  readonly loginsRefused: Counter<"reason">;
  readonly publishesDenied: Counter<"role">;
  readonly subscriptionsDenied: Counter<"role">;
  readonly badConnections: Counter<"reason">;
  readonly slowSubscribers: Counter;
  readonly keepaliveTimeouts: Counter;
  readonly quarantines: Counter;
}

export function brokerCounters(registry: Registry): BrokerCounters {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name: `campus_ops_broker_${name}_total`, help, labelNames, registers });
  return {
    connections: new Gauge({
      name: "campus_ops_broker_connections",
      help: "MQTT clients that are logged in",
      registers,
    }),
    messagesReceived: counter("messages_received", "MQTT messages taken from clients"),
    bytesReceived: counter("bytes_received", "payload bytes of those messages"),
    logins: counter("logins", "successful logins", ["role"]),
    loginsRefused: counter("logins_refused", "refused logins", ["reason"]),
    publishesDenied: counter("publishes_denied", "messages on topics their sender may not use", ["role"]),
    subscriptionsDenied: counter("subscriptions_denied", "subscriptions nobody granted", ["role"]),
    badConnections: counter("bad_connections", "connections closed because of what they sent", ["reason"]),
    slowSubscribers: counter("slow_subscribers", "clients disconnected because they did not read"),
    keepaliveTimeouts: counter("keepalive_timeouts", "clients that fell silent"),
    quarantines: counter("quarantines", "certificates found on two machines and shut out"),
  };
}
