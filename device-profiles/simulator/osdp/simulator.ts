import type { Duplex } from "node:stream";
import { keyOf } from "../../ciphers/osdp.ts";
import type { OsdpProfile } from "../../profiles/osdp-profile.ts";
import type { MetricName, SampleValue } from "../../vocabulary/index.ts";
import {
  checkFault,
  type SimulatedDevice,
  type SimulatedFault,
  type SimulatorOptions,
  TCP_FAULTS,
} from "../simulated-device.ts";
import { FaultableTcpServer } from "../tcp-server.ts";
import { SimulatedReader } from "./reader.ts";

/** Late answers are repeated ones to a controller that asks again under the same number: nothing to play here. */
const LINE_FAULTS = TCP_FAULTS.filter((fault) => fault !== "late-replies");
const INSIDE_FAULTS = [
  "not-done",
  "storm",
  "reboot-loop",
  "lockout",
] as const satisfies readonly SimulatedFault[];
/** A reader in a reboot loop answers so many frames between two restarts. */
const ANSWERED_BETWEEN_REBOOTS = 12;

export interface SimulatedOsdpReader extends SimulatedDevice {
  /** Puts it to a line, for example a serial port. */
  attach(line: Duplex): void;
  readonly reader: SimulatedReader;
}

/** A reader behind a serial server on loopback; `secret` is its key. Rejects when the port is taken. */
export async function startOsdpSimulator(
  profile: OsdpProfile,
  options: SimulatorOptions = {},
): Promise<SimulatedOsdpReader> {
  const reader = new SimulatedReader(options.secret === undefined ? undefined : keyOf(options.secret));
  let current: SimulatedFault | null = null;
  let answered = 0;
  const attach = (line: Duplex): void => {
    let waiting: Uint8Array = new Uint8Array(0);
    line.on("data", (bytes: Uint8Array) => {
      const { replies, rest } = reader.hear(Uint8Array.from([...waiting, ...bytes]));
      waiting = rest;
      for (const reply of replies) {
        answered += 1;
        if (current === "reboot-loop" && answered % ANSWERED_BETWEEN_REBOOTS === 0) reader.restart();
        else line.write(reply);
      }
    });
  };
  const server = new FaultableTcpServer(attach, { noise: Uint8Array.of(0xff) });
  await server.listen(options.port ?? 0);
  const faults: readonly SimulatedFault[] = [...LINE_FAULTS, ...INSIDE_FAULTS];
  return {
    url: `osdp://127.0.0.1:${server.port}?address=0`,
    reader,
    attach,
    set: (metric, value) => set(reader, metric, value),
    get: (metric) => get(reader, metric),
    raise: (event, { credential, method }) => {
      if (event !== "Access/Swipe") throw new RangeError(`${profile.id} has no ${event}`);
      if (method === "code") reader.type(String(credential));
      else if (current === "storm") reader.storm(String(credential));
      else reader.present(String(credential));
    },
    faults,
    fault: async (fault) => {
      checkFault(fault, faults);
      current = fault;
      reader.idle = fault === "not-done";
      if (fault === "lockout") reader.lock();
      else reader.unlock();
      // A reader that misbehaves inside keeps its line.
      if (!INSIDE_FAULTS.some((each) => each === fault)) await server.fault(fault);
    },
    close: () => server.close(),
  };
}

function get(reader: SimulatedReader, metric: MetricName): SampleValue {
  switch (metric) {
    case "Reader/Tamper":
      return reader.tampered;
    case "Reader/PowerFault":
      return reader.powerFailed;
    case "Reader/Led":
      return reader.led;
    case "Reader/Secure":
      return reader.isSecure;
    case "Properties/Serial":
      return reader.serial;
    default:
      throw new RangeError(`a simulated reader has no ${metric}`);
  }
}

function set(reader: SimulatedReader, metric: MetricName, value: SampleValue): void {
  get(reader, metric);
  if (metric === "Properties/Serial") {
    if (!/^[0-9]{1,9}$/.test(String(value))) throw new RangeError("a serial number is a number of 32 bits");
    reader.serial = String(value);
    return;
  }
  if (metric === "Reader/Tamper") reader.tampered = value === true;
  else if (metric === "Reader/PowerFault") reader.powerFailed = value === true;
  else throw new RangeError(`${metric} is the controller's to say`);
  reader.tellStatus();
}
