/** Answers WS-Discovery probes for simulated ONVIF devices: on a loopback port, and on the multicast group there. */
import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  type ProbeMatch,
  parseProbe,
  probeMatchesMessage,
  WS_DISCOVERY_GROUP,
} from "../codecs/ws-discovery.ts";

const HOST = "127.0.0.1";

export interface DiscoveryResponder {
  readonly port: number;
  close(): Promise<void>;
}

/** `matches` is asked anew at each probe: devices come and go. Port 0 takes a free one. */
export async function startDiscoveryResponder(
  port: number,
  matches: () => readonly ProbeMatch[],
): Promise<DiscoveryResponder> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  socket.on("message", (message, from) => {
    const asked = parseProbe(message.toString("utf8"));
    if (asked === undefined) return;
    for (const match of matches()) {
      socket.send(probeMatchesMessage(asked, randomUUID(), match), from.port, from.address);
    }
  });
  // Bound to every address, as joining a group asks for; the group is joined on loopback alone.
  socket.bind(port);
  await once(socket, "listening");
  socket.addMembership(WS_DISCOVERY_GROUP, HOST);
  socket.setMulticastInterface(HOST);
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
