/** What a stick that installs writes to a box's disk, and which disk it may take. */
export const INSTALL_FILE = "install.json";

export interface Piece {
  /** `system`: the partition that the stick runs from; else a file on the stick, compressed by Zstandard. */
  readonly from: string;
  /** On the disk; bytes. */
  readonly at: number;
  readonly bytes: number;
  /** Of what is on the disk afterwards, lower-case hex. */
  readonly sha256: string;
}

export interface InstallPlan {
  readonly compatible: string;
  readonly version: string;
  /** In the order in which they are written. */
  readonly pieces: readonly Piece[];
}

export interface Disk {
  /** `/dev/sda` */
  readonly path: string;
  readonly bytes: number;
  /** Of its maker; "" where it tells none. */
  readonly model: string;
  /** What a person names it by: its serial number, or the kernel's name where it has none. */
  readonly id: string;
  /** No table, no file system, and nothing at its beginning. */
  readonly isBlank: boolean;
}

export type Choice =
  | { readonly kind: "install"; readonly disk: Disk }
  /** Something would be lost, or nobody can know which one is meant. */
  | { readonly kind: "ask"; readonly disks: readonly Disk[] }
  | { readonly kind: "none"; readonly tooSmall: readonly Disk[] };

/** Two systems, and room for a day of data at least. */
export const DISK_BYTES_MIN = 3_500_000_000;
/** A file or folder of this name on the stick is a person's word that a disk may be erased. */
const ERASE = /^erase-([\w-][\w.-]*?)(\.[a-z]{1,4})*$/i;

/** The name of the file that says so. */
export const eraseName = ({ id }: Disk): string => `ERASE-${id}`;

/** `names` are those of files and folders on the stick. */
export function chooseDisk(disks: readonly Disk[], names: readonly string[]): Choice {
  const large = disks.filter(({ bytes }) => bytes >= DISK_BYTES_MIN);
  const asked = new Set(names.flatMap((name) => ERASE.exec(name)?.[1]?.toLowerCase() ?? []));
  const named = large.filter(({ id }) => asked.has(id.toLowerCase()));
  const [only, ...others] = named.length > 0 ? named : large.length === 1 ? large : [];
  if (only !== undefined && others.length === 0 && (named.length > 0 || only.isBlank))
    return { kind: "install", disk: only };
  if (large.length === 0) return { kind: "none", tooSmall: disks };
  return { kind: "ask", disks: large };
}

/** As it may stand in a name of a file on FAT. */
export const idOf = (serial: string, name: string): string => {
  const plain = serial
    .trim()
    .replaceAll(/[^\w-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return plain === "" ? name : plain;
};
