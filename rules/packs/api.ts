/** What rules answers about rules and packs; see `rules/api.ts` for the rest. */
import type { AssetPath, DeviceClass, LocalText, Timestamp } from "@campus-ops/device-profiles/vocabulary";
import type { AlarmDetail, Priority } from "../api.ts";

export interface RuleView {
  readonly id: string;
  readonly version: number;
  readonly title: LocalText;
  readonly priority: Priority;
  readonly pack: string;
  readonly card: AlarmDetail["card"];
  /** Of these device classes; of every one, when empty. */
  readonly classes: readonly DeviceClass[];
  /** Stays until a person resets it; never shelved or suppressed. */
  readonly latching: boolean;
}

export interface RuleDetailView extends RuleView {
  /** At these places and below; everywhere, when empty. */
  readonly within: readonly AssetPath[];
  readonly exceptClasses: readonly DeviceClass[];
  readonly capabilities: readonly string[];
  /** Inside, or outside, of these windows of the school calendar; always, when absent. */
  readonly schedule?: { readonly inside: boolean; readonly windows: readonly string[] };
  readonly onDelay_ms: number;
  readonly offDelay_ms: number;
  readonly respondWithin_ms: number;
  readonly cause: boolean;
  readonly symptom: boolean;
  /** As it is written in its pack. */
  readonly source?: { readonly file: string; readonly line: number; readonly text: string };
  /** Name of the hub's own pack that it stands in, which can be edited. */
  readonly own?: string;
}

/** The rule packs in force. */
export interface PacksView {
  /** Packs (`*.yaml`) in this folder of the hub are in force beside those of its configuration. */
  readonly folder: string;
  readonly loadedAt: Timestamp;
  readonly packs: readonly { readonly pack: string; readonly rules: number }[];
  /** What is wrong with a pack that was changed since; the rules before it are in force. */
  readonly problems: readonly LocalText[];
}

/** A file of the hub's own folder of packs. */
export interface OwnPackView {
  readonly name: string;
  readonly changedAt: Timestamp;
  /** False for a file whose name only its folder can deal with. */
  readonly editable: boolean;
}

export interface PackVersionView {
  /** Its name, too. */
  readonly at: Timestamp;
  /** Who wrote it; empty for what was put into the folder by other means. */
  readonly by: string;
}

export interface OwnPackDetail {
  readonly name: string;
  readonly text: string;
  /** The newest first; the first is what is in force. */
  readonly versions: readonly PackVersionView[];
}

export interface PackProblem extends LocalText {
  /** 1-based; 0 for what concerns the whole, or another file. */
  readonly line: number;
  readonly field: string;
}
