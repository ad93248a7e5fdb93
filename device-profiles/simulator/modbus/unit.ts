/** The inside of a simulated Modbus device: its cells, and the physics that move them. No socket, no clock of its own. */
import { ModbusImage } from "../../codecs/modbus-image.ts";
import type { ExceptionCode, ModbusRequest } from "../../codecs/modbus-pdu.ts";
import { uint32 } from "../../codecs/registers.ts";
import { encodeRecord, encodeTime } from "../../profiles/modbus-log.ts";
import { planReads } from "../../profiles/modbus-plan.ts";
import {
  type ModbusPoint,
  type ModbusProfile,
  type RegisterPoint,
  recordSpan,
  spansOf,
} from "../../profiles/modbus-profile.ts";
import { decodePoint, encodeField } from "../../profiles/modbus-reading.ts";
import {
  type EventName,
  type MetricName,
  metricDefinition,
  type SampleValue,
} from "../../vocabulary/index.ts";
import { DeviceClock } from "../device-clock.ts";
import type { SimulatedFault } from "../simulated-device.ts";
import { faultsOf, missingSensors, swappedWords } from "./cell-faults.ts";

export class SimulatedModbusUnit {
  readonly #profile: ModbusProfile;
  readonly #points: Readonly<Record<MetricName, ModbusPoint>>;
  readonly #clock: DeviceClock;
  readonly #image = new ModbusImage();
  #newest = 0;
  #fault: SimulatedFault | null = null;

  constructor(profile: ModbusProfile, now: () => number) {
    this.#profile = profile;
    this.#points = { ...profile.identity, ...profile.points };
    this.#clock = new DeviceClock(now);
    // Cells nobody named are there where the profile says that the device answers them.
    for (const span of planReads(Object.values(this.#points).flatMap(spansOf), profile.readGap)) {
      this.#image.write(span.table, span.pduAddress, new Array<number>(span.quantity).fill(0));
    }
    this.resetLog();
    for (const [metric, value] of Object.entries(profile.atRest)) this.set(metric, value);
  }

  /** Those that the inside of this device can play. */
  get faults(): readonly SimulatedFault[] {
    return faultsOf(this.#profile);
  }

  fault(fault: SimulatedFault | null): void {
    this.#fault = fault;
    this.#clock.fault(fault);
    if (fault === "counter-reset") this.#reset();
  }

  set(metric: MetricName, value: SampleValue): void {
    if (this.#fault !== "stuck") this.#put(metric, value);
  }

  #put(metric: MetricName, value: SampleValue): void {
    const point = this.#points[metric];
    if (point === undefined) throw new RangeError(`${this.#profile.id} has no ${metric}`);
    switch (point.kind) {
      case "register":
        this.#image.write(point.table, point.pduAddress, encodeField(point, value, this.#words(point)));
        break;
      case "bit":
        this.#setBit(point.table, point.pduAddress, value === true);
        // A latch takes the rising edge and lets go only when it is told to.
        if (value === true && point.latchCoil !== undefined) this.#setBit("coil", point.latchCoil, true);
        break;
      case "antivalent":
        // A cut line: no contact is seen closed any more.
        this.#setBit(point.table, point.makes, false);
        this.#setBit(point.table, point.breaks, value !== true);
        break;
    }
    this.#settleContacts(metric, value);
  }

  get(metric: MetricName): SampleValue {
    const point = this.#points[metric];
    const decoded = point === undefined ? undefined : decodePoint(metric, point, this.#image);
    if (decoded === undefined) throw new RangeError(`${this.#profile.id} has no ${metric}`);
    return decoded.value;
  }

  raise(event: EventName, fields: Readonly<Record<string, SampleValue>>): void {
    const { log } = this.#profile;
    if (log === undefined || log.event !== event) throw new RangeError(`${this.#profile.id} has no ${event}`);
    const serial = this.#newest + 1;
    const { table, pduAddress } = recordSpan(log, serial);
    this.#image.write(table, pduAddress, encodeRecord(log, serial, this.#clock.now(), fields));
    this.#newest = serial;
    this.#image.write(table, log.newestAt, uint32().encode(serial));
  }

  /** A factory reset of the log: empty, and the serial numbers begin again. */
  resetLog(): void {
    const { log } = this.#profile;
    if (log === undefined) return;
    this.#newest = 0;
    this.#image.write(log.table, log.newestAt, uint32().encode(0));
    this.#image.write(
      log.table,
      log.firstRecordAt,
      new Array<number>(log.capacity * log.recordRegisters).fill(0),
    );
  }

  /** Answers one request: the cells read, an empty list for a write, or an exception code. */
  answer(request: ModbusRequest): readonly number[] | ExceptionCode {
    const { log } = this.#profile;
    if (log !== undefined) this.#image.write(log.table, log.clockAt, encodeTime(this.#clock.now()));
    if (request.operation === "read") {
      return this.#shown().read(request.table, request.pduAddress, request.quantity) ?? 2;
    }
    if (this.#image.read(request.table, request.pduAddress, request.cells.length) === undefined) return 2;
    if (this.#fault === "not-done") return [];
    this.#image.write(request.table, request.pduAddress, request.cells);
    return [];
  }

  #shown(): ModbusImage {
    if (this.#fault === "sentinel") return missingSensors(this.#image, Object.values(this.#points));
    if (this.#fault === "word-swapped") return swappedWords(this.#image, Object.values(this.#points));
    return this.#image;
  }

  /** As after a factory reset, or when a meter is replaced. */
  #reset(): void {
    this.resetLog();
    for (const metric of Object.keys(this.#points)) {
      if (metricDefinition(metric)?.kind === "counter") this.#put(metric, 0);
    }
  }

  #setBit(table: "coil" | "discrete", pduAddress: number, on: boolean): void {
    this.#image.write(table, pduAddress, [on ? 1 : 0]);
  }

  #words({ table, pduAddress, codec }: RegisterPoint): readonly number[] {
    return this.#image.read(table, pduAddress, codec.registers) ?? [];
  }

  /** The break contact of an unharmed button always says the opposite of the make contact. */
  #settleContacts(metric: MetricName, value: SampleValue): void {
    for (const point of Object.values(this.#points)) {
      if (point.kind !== "antivalent") continue;
      const moved = this.#points[metric];
      if (moved?.kind === "bit" && moved.table === point.table && moved.pduAddress === point.makes)
        this.#setBit(point.table, point.breaks, value !== true);
    }
  }
}
