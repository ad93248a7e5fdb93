/**
 * A network of its own, in which a simulated camera answers WS-Discovery and onvif-util looks for it: run inside
 * `unshare --net`. Says on its standard output what onvif-util says.
 */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import {
  parseProbe,
  probeMatchesMessage,
  WS_DISCOVERY_GROUP,
  WS_DISCOVERY_PORT,
} from "../../../codecs/ws-discovery.ts";
import { genericOnvif } from "../../../profiles/camera/generic-onvif.ts";
import { startOnvifSimulator } from "../simulator.ts";

const LOOPBACK = "127.0.0.1";
const LOGIN = { username: "admin", secret: "correct horse" };
/** onvif-util asks as soon as it is started, and answers a question when the one before is answered. */
const QUESTIONS = ["get time", "get profiles", "quit"];

const camera = await startOnvifSimulator(genericOnvif, LOGIN);
const discovery = createSocket({ type: "udp4", reuseAddr: true });
discovery.on("message", (message, { address, port }) => {
  const relatesTo = parseProbe(String(message));
  if (relatesTo === undefined) return;
  const match = {
    addresses: [camera.url],
    types: ["NetworkVideoTransmitter"],
    scopes: { name: "camera", hardware: "simulator" },
  };
  discovery.send(probeMatchesMessage(relatesTo, randomUUID(), match), port, address);
});
discovery.bind(WS_DISCOVERY_PORT);
await once(discovery, "listening");
discovery.addMembership(WS_DISCOVERY_GROUP, LOOPBACK);

const client = spawn("onvif-util", ["-u", LOGIN.username, "-p", LOGIN.secret, LOOPBACK], {
  stdio: ["pipe", "inherit", "inherit"],
});
for (const question of QUESTIONS) client.stdin.write(`${question}\n`);
client.stdin.end();
await once(client, "close");
discovery.close();
await camera.close();
