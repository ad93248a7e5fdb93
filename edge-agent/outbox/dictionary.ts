/**
 * Names by number, for ever: devices and their metrics. A number, once given, keeps its meaning for the life of the
 * outbox's file, so that a record written before a restart can still be read after it.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DataType, MetricName } from "@campus-ops/device-profiles/vocabulary";

export interface Alias {
  readonly alias: number;
  /** Device id, or "" for the edge node itself. */
  readonly device: string;
  readonly name: MetricName;
  readonly datatype: DataType;
}

/** A dictionary beyond this has been fed invented names; further ones are refused. */
export const ALIASES_MAX = 200_000;

export class DictionaryFullError extends Error {
  override readonly name = "DictionaryFullError";
}

export class Dictionary {
  readonly #devices = new Map<string, number>();
  readonly #deviceNames = new Map<number, string>();
  readonly #aliases = new Map<string, Alias>();
  readonly #byNumber = new Map<number, Alias>();
  /** Given out and not yet written: they go into the next transaction, before any record that uses them. */
  #unwritten: { devices: [number, string][]; aliases: Alias[] } = { devices: [], aliases: [] };
  readonly #insertDevice: StatementSync;
  readonly #insertAlias: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insertDevice = database.prepare("INSERT OR IGNORE INTO device (id, name) VALUES (?, ?)");
    this.#insertAlias = database.prepare(
      "INSERT OR IGNORE INTO alias (id, device, name, datatype) VALUES (?, ?, ?, ?)",
    );
    for (const row of database.prepare("SELECT id, name FROM device").iterate()) {
      this.#rememberDevice(Number(row.id), String(row.name));
    }
    for (const row of database.prepare("SELECT id, device, name, datatype FROM alias").iterate()) {
      this.#rememberAlias({
        alias: Number(row.id),
        device: this.deviceName(Number(row.device)),
        name: String(row.name),
        datatype: Number(row.datatype) as DataType,
      });
    }
  }

  deviceNumber(name: string): number {
    const known = this.#devices.get(name);
    if (known !== undefined) return known;
    const number = this.#devices.size + 1;
    this.#rememberDevice(number, name);
    this.#unwritten.devices.push([number, name]);
    return number;
  }

  deviceName(number: number): string {
    const name = this.#deviceNames.get(number);
    if (name === undefined) throw new Error(`the outbox has no device number ${number}`);
    return name;
  }

  alias(device: string, name: MetricName, datatype: DataType): number {
    const known = this.#aliases.get(key(device, name, datatype));
    if (known !== undefined) return known.alias;
    if (this.#byNumber.size >= ALIASES_MAX) {
      throw new DictionaryFullError(
        `${ALIASES_MAX} metric names are in use; ${name} of ${device} is refused`,
      );
    }
    this.deviceNumber(device);
    const created = { alias: this.#byNumber.size + 1, device, name, datatype };
    this.#rememberAlias(created);
    this.#unwritten.aliases.push(created);
    return created.alias;
  }

  byAlias(alias: number): Alias | undefined {
    return this.#byNumber.get(alias);
  }

  metricsOf(device: string): readonly Alias[] {
    return [...this.#aliases.values()].filter((each) => each.device === device);
  }

  /** Inside the caller's transaction. */
  write(): void {
    for (const [number, name] of this.#unwritten.devices) this.#insertDevice.run(number, name);
    for (const { alias, device, name, datatype } of this.#unwritten.aliases) {
      this.#insertAlias.run(alias, this.deviceNumber(device), name, datatype);
    }
  }

  /** After the transaction that {@link write} was part of has been committed. */
  written(): void {
    this.#unwritten = { devices: [], aliases: [] };
  }

  #rememberDevice(number: number, name: string): void {
    this.#devices.set(name, number);
    this.#deviceNames.set(number, name);
  }

  #rememberAlias(alias: Alias): void {
    this.#aliases.set(key(alias.device, alias.name, alias.datatype), alias);
    this.#byNumber.set(alias.alias, alias);
  }
}

function key(device: string, name: string, datatype: DataType): string {
  return `${device}\u0000${name}\u0000${datatype}`;
}
