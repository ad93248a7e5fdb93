import { createHash, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Socket } from "node:net";
import { formatResponse, LineSplitter, parseCommand } from "../../codecs/pjlink.ts";
import {
  formatAcknowledgement,
  formatNotice,
  isSearch,
  type PjlinkNotice,
} from "../../codecs/pjlink-datagrams.ts";
import type { PjlinkProfile } from "../../profiles/pjlink-profile.ts";
import {
  checkFault,
  REBOOTING_TCP_FAULTS,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
} from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import { SimulatedProjector } from "./projector.ts";

/** Short, so that a school day fits into minutes. */
const WARM_UP_ms = 1_000;
const COOL_DOWN_ms = 1_500;
/** Locally administered: it is nobody's. */
const MAC = "02:00:00:00:43:52";
/** As the specification has it. */
const IDLE_ms = 30_000;

const FAULTS = [...REBOOTING_TCP_FAULTS, "stuck", "not-done"] as const satisfies readonly SimulatedFault[];

export interface SimulatedProjectorDevice extends SimulatedDevice {
  /** Class 2: where on this machine its notices go; nowhere until then. */
  notify(port: number): void;
  /** Sends one datagram there, a notice or anything else. */
  say(datagram: string): void;
}

/** A PJLink server that behaves as `profile` says; `secret` is its password. Rejects when the port is taken. */
export async function startPjlinkSimulator(
  profile: PjlinkProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedProjectorDevice> {
  const { warmUp_ms = WARM_UP_ms, coolDown_ms = COOL_DOWN_ms, idle_ms = IDLE_ms } = options.projector ?? {};
  const projector = new SimulatedProjector(profile, { warmUp_ms, coolDown_ms });
  const server = new FaultableTcpServer((socket) => {
    socket.setTimeout(idle_ms, () => socket.destroy());
    serve(socket, projector, options.secret);
  });
  await server.listen(options.port ?? 0);
  let isDown = false;
  const datagrams = createSocket("udp4");
  // The port of its connections, as in a projector; another where somebody has it, and then no search finds it.
  datagrams.once("error", () => datagrams.bind(0, "127.0.0.1"));
  datagrams.bind(profile.pjlinkClass === 2 ? server.port : 0, "127.0.0.1");
  await once(datagrams, "listening");
  datagrams.on("error", () => undefined);
  datagrams.on("message", (question, { address, port }) => {
    if (profile.pjlinkClass === 2 && !isDown && isSearch(question)) {
      datagrams.send(formatAcknowledgement(options.identity ?? MAC), port, address);
    }
  });
  let noticesTo: number | undefined;
  const say = (datagram: string): void => {
    if (noticesTo !== undefined) datagrams.send(datagram, noticesTo, "127.0.0.1");
  };
  if (profile.pjlinkClass === 2) projector.onNotice((notice: PjlinkNotice) => say(formatNotice(notice)));
  return {
    notify: (port) => {
      noticesTo = port;
    },
    say,
    url: `pjlink://127.0.0.1:${server.port}`,
    set: (metric, value) => projector.set(metric, value),
    get: (metric) => projector.get(metric),
    raise: (event) => {
      throw new RangeError(`${profile.id} has no ${event}: PJLink has states only`);
    },
    faults: FAULTS,
    fault: async (fault) => {
      checkFault(fault, FAULTS);
      isDown = fault === "down";
      projector.mood = fault === "stuck" || fault === "not-done" ? fault : "well";
      await server.fault(REBOOTING_TCP_FAULTS.find((each) => each === fault) ?? null);
    },
    close: async () => {
      projector.stop();
      datagrams.close();
      await server.close();
    },
  };
}

function serve(socket: Socket, projector: SimulatedProjector, secret: string | undefined): void {
  const random = randomBytes(4).toString("hex");
  const expected =
    secret === undefined
      ? ""
      : createHash("md5")
          .update(random + secret)
          .digest("hex");
  let admitted = secret === undefined;
  socket.write(secret === undefined ? "PJLINK 0\r" : `PJLINK 1 ${random}\r`);
  const splitter = new LineSplitter();
  socket.on("data", (bytes) => {
    try {
      for (const line of splitter.push(bytes)) {
        const { digest, command } = parseCommand(line);
        admitted ||= digest.toLowerCase() === expected;
        if (!admitted) {
          socket.end("PJLINK ERRA\r");
          return;
        }
        socket.write(formatResponse({ ...command, result: projector.answer(command) }));
      }
    } catch {
      socket.destroy();
    }
  });
}
