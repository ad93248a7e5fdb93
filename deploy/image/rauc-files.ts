/** What RAUC reads: the configuration on the box, and the manifest of a bundle (RAUC reference, "System configuration file", "Manifest"). */
import type { Architecture } from "../packages/debian-package.ts";
import { partitionOf, SLOTS } from "./grub.ts";

export const compatibleOf = (architecture: Architecture): string => `campus-ops-edge-${architecture}`;

/** On the box: the roots that bundles have to be signed below. */
export const KEYRING = "/etc/rauc/keyring.pem";
export const GRUB_ENVIRONMENT = "/efi/grub/grubenv";
/** The file in a bundle; of the kind that RAUC writes to a slot as it is. */
export const SYSTEM_IMAGE = "system.img";

export function systemConfiguration(architecture: Architecture): string {
  const slots = SLOTS.map((slot, index) =>
    [
      `[slot.rootfs.${index}]`,
      `device=/dev/disk/by-partlabel/${partitionOf[slot]}`,
      "type=raw",
      `bootname=${slot}`,
      "",
    ].join("\n"),
  );
  return `[system]
compatible=${compatibleOf(architecture)}
bootloader=grub
grubenv=${GRUB_ENVIRONMENT}
mountprefix=/run/rauc
statusfile=/var/lib/campus-ops/rauc.status
# What is read is checked block by block while it is read.
bundle-formats=-plain

[keyring]
path=${KEYRING}
check-purpose=codesign

${slots.join("\n")}`;
}

export interface BundleContent {
  readonly compatible: string;
  readonly version: string;
  /** ISO 8601. */
  readonly built: string;
}

export function bundleManifest({ built, compatible, version }: BundleContent): string {
  return `[update]
compatible=${compatible}
version=${version}
build=${built}
description=campus-ops edge ${version}

[bundle]
format=verity

[image.rootfs]
filename=${SYSTEM_IMAGE}
`;
}
