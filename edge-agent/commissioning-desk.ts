/** Who has been confirmed, over restarts; and what a person who stands at a device can do about it. */
import { createHash } from "node:crypto";
import { GOOD, type Sample, type Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { DeviceConfiguration } from "./configuration.ts";
import type { Instant } from "./core/clock.ts";
import type { CommandState } from "./core/command.ts";
import { COMMISSIONING_STATE, type CommissioningState } from "./core/commissioning.ts";
import type { DeviceModel, Report } from "./core/device.ts";

/** Where the desk keeps what it knows: the outbox's file, beside what it vouches for. */
export interface CommissioningStore {
  remembered(key: string): number | undefined;
  remember(key: string, value: number): void;
}

export interface CommissioningOutcome {
  readonly state: Extract<CommandState, "confirmed" | "refused">;
  readonly detail: string;
  readonly reports: readonly Report[];
}

/** A device that has to be confirmed, as a person is shown it. */
export interface CommissioningEntry {
  readonly device: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly class: string;
  readonly path: string;
  readonly state: CommissioningState;
  readonly online: boolean;
  /** `metric: value (reason)` of every reading that cannot be right. */
  readonly wrong: readonly string[];
}

export class CommissioningDesk {
  readonly #store: CommissioningStore;

  constructor(store: CommissioningStore) {
    this.#store = store;
  }

  /** What was confirmed is this class at this place: another profile or another place has to be confirmed anew. */
  isConfirmed(device: DeviceConfiguration): boolean {
    return !device.commissioning || this.#store.remembered(keyOf(device)) === sealOf(device);
  }

  /** Of a device that has to be confirmed, for its birth. */
  properties(device: DeviceConfiguration, eventTime: Timestamp): readonly Sample[] {
    if (!device.commissioning) return [];
    const value: CommissioningState = this.isConfirmed(device) ? "confirmed" : "checking";
    return [{ metric: COMMISSIONING_STATE, value, quality: GOOD, eventTime }];
  }

  /** `anyway` confirms a device whose readings are not plausible: what is wrong with it stays visible as bad quality. */
  settle(
    device: DeviceConfiguration,
    model: DeviceModel,
    wanted: unknown,
    at: Instant,
    anyway = false,
  ): CommissioningOutcome {
    const refuse = (detail: string): CommissioningOutcome => ({ state: "refused", detail, reports: [] });
    if (!device.commissioning) return refuse("this device does not have to be confirmed");
    if (wanted === "checking") {
      this.#store.remember(keyOf(device), 0);
      return { state: "confirmed", detail: "", reports: model.reopen(at) };
    }
    if (wanted !== "confirmed") return refuse("only checking and confirmed can be asked for");
    const wrong = entryOf(device, model).wrong;
    if (!anyway && !model.online) return refuse("the device cannot be reached; nobody can know what it is");
    if (!anyway && wrong.length > 0) return refuse(`its readings are not plausible: ${wrong.join("; ")}`);
    this.#store.remember(keyOf(device), sealOf(device));
    return { state: "confirmed", detail: "", reports: model.confirm(at) };
  }
}

export function commissioningEntries(
  devices: Iterable<{ readonly configuration: DeviceConfiguration; readonly model: DeviceModel }>,
): readonly CommissioningEntry[] {
  return [...devices].flatMap(({ configuration, model }) =>
    configuration.commissioning ? [entryOf(configuration, model)] : [],
  );
}

function entryOf({ id, path, profile, title }: DeviceConfiguration, model: DeviceModel): CommissioningEntry {
  return {
    device: id,
    title,
    class: profile.class,
    path,
    state: model.commissioning,
    online: model.online,
    wrong: model
      .wrongReadings()
      .map(
        ({ metric, quality, value }) =>
          `${metric}: ${String(value)} (${quality.status === "good" ? "" : quality.reason})`,
      ),
  };
}

const keyOf = ({ id }: DeviceConfiguration): string => `commissioned ${id}`;

/** 48 bits of a hash: the outbox keeps integers. */
function sealOf({ path, profile }: DeviceConfiguration): number {
  return createHash("sha256").update(`${profile.class} ${profile.id} ${path}`).digest().readUIntBE(0, 6);
}
