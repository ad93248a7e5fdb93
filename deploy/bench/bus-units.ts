/**
 * The units of the bus benchmark: simulated devices on a pseudo-terminal that take the time which the bytes of request
 * and answer, and the silences between, would take on wires of this speed.
 */
import { Duplex } from "node:stream";
import { findProfile } from "@campus-ops/device-profiles/profiles";
import type { ModbusProfile } from "@campus-ops/device-profiles/profiles/modbus-profile";
import { ModbusNetwork } from "@campus-ops/device-profiles/simulator/modbus/network";
import { SimulatedModbusUnit } from "@campus-ops/device-profiles/simulator/modbus/unit";
import { openPty } from "@campus-ops/device-profiles/simulator/pty";

export interface BusAtPace {
  readonly path: string;
}

const CHARACTER_BITS = 10;
const GAP_CHARACTERS = 3.5;
const GAP_MS_FAST = 1.75;

const [, , baud = "9600", count = "30", id = ""] = process.argv;
const character_ms = (CHARACTER_BITS * 1_000) / Number(baud);
const gap_ms = Number(baud) > 19_200 ? GAP_MS_FAST : GAP_CHARACTERS * character_ms;
const profile = findProfile(id) as ModbusProfile;
const units = new Map(
  Array.from({ length: Number(count) }, (_, index) => [
    index + 1,
    new SimulatedModbusUnit(profile, Date.now),
  ]),
);

/** Hears at once, and answers when the last byte of the answer would have come in. */
class PacedWire extends Duplex {
  readonly #line: Duplex;
  #heardUntil = 0;

  constructor(line: Duplex) {
    super();
    this.#line = line;
    line.on("data", (chunk: Uint8Array) => {
      this.#heardUntil = Math.max(this.#heardUntil, performance.now()) + chunk.length * character_ms;
      this.push(chunk);
    });
  }

  override _read(): void {
    // What the line brings is pushed.
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    const due = this.#heardUntil + gap_ms + chunk.length * character_ms;
    setTimeout(
      () => {
        // Timers are a millisecond coarse, and the bus shall not be blamed for it.
        while (performance.now() < due);
        this.#line.write(chunk);
        done();
      },
      Math.max(0, Math.floor(due - performance.now() - 1)),
    );
  }
}

const pty = await openPty();
new ModbusNetwork(units, () => undefined).serveRtu(new PacedWire(pty.bytes));
process.on("disconnect", () => void pty.close().then(() => process.exit()));
process.send?.({ path: pty.path } satisfies BusAtPace);
