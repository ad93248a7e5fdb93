/** What of Debian is in the image, and what of these packages is left out. */
import type { Architecture } from "../packages/debian-package.ts";

export const SUITE = "bookworm";

const KERNEL: Readonly<Record<Architecture, string>> = {
  amd64: "linux-image-amd64",
  arm64: "linux-image-arm64",
};

/** GRUB for machines whose firmware is UEFI. For amd64 it is the building machine's own; an arm64 machine's has to come along. */
export const GRUB_PLATFORM = { amd64: "x86_64-efi", arm64: "arm64-efi" } as const satisfies Readonly<
  Record<Architecture, string>
>;
const GRUB: Readonly<Record<Architecture, readonly string[]>> = { amd64: [], arm64: ["grub-efi-arm64-bin"] };

/** Beside Debian's essential packages. There is no apt, no ssh and no shell for anybody to log in to. */
export const packagesOf = (architecture: Architecture): readonly string[] => [
  KERNEL[architecture],
  ...[
    "initramfs-tools",
    "zstd",
    "kmod",
    "udev",
    "systemd",
    "systemd-sysv",
    "dbus",
    "systemd-timesyncd",
    "systemd-resolved",
  ],
  ...["e2fsprogs", "dosfstools", "iproute2", "libstdc++6", "passwd", "openssl"],
  // RAUC, and what it speaks to GRUB with.
  ...["rauc", "rauc-service", "grub-common"],
  ...GRUB[architecture],
];

/** Devices that no box has, and pages that nobody reads on it: half of what the kernel brings. */
export const LEFT_OUT: readonly string[] = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/info/*",
  "/usr/share/locale/*",
  "/usr/share/lintian/*",
  "/usr/share/grub/*",
  "/usr/lib/grub/*",
  ...["gpu", "media", "infiniband", "isdn", "iio", "staging", "scsi/lpfc", "scsi/qla2xxx", "ata/pata_*"].map(
    (folder) => `/lib/modules/*/kernel/drivers/${folder}/*`,
  ),
  ...["net/wireless", "net/ethernet/mellanox", "net/ethernet/chelsio", "net/ethernet/qlogic"].map(
    (folder) => `/lib/modules/*/kernel/drivers/${folder}/*`,
  ),
  "/lib/modules/*/kernel/sound/*",
];
/** The licences stay; and GRUB's modules, which the disk is made with and the system does without. */
export const keptOf = (architecture: Architecture): readonly string[] => [
  "/usr/share/doc/*/copyright",
  ...(architecture === "arm64" ? [`/usr/lib/grub/${GRUB_PLATFORM.arm64}/*`] : []),
];
