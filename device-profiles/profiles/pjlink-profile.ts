/** What a PJLink projector is, in data. */
import type { ProfileCommon } from "./profile.ts";

export interface PjlinkProfile extends ProfileCommon {
  readonly protocol: "pjlink";
  /** PJLink class 2 adds serial number, software version and UDP notices to class 1. */
  readonly pjlinkClass: 1 | 2;
  /** False for a light source whose hours nobody counts: `LAMP` is not asked. */
  readonly lamp?: boolean;
  /** Input codes of `INPT` (type digit and number, in class 2 also a letter) and what the inputs are called. */
  readonly inputs: Readonly<Record<string, string>>;
}
