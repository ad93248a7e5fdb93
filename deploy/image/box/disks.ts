/** The disks of a box, as the kernel and udev know them. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import { type Disk, idOf } from "./core/install-plan.ts";

const BLANK_BYTES = 1024 * 1024;
const ASK_MS_MAX = 30_000;
/** Many a machine says that it has a drive for them, and fails whoever opens it. */
const FLOPPY = /^fd\d+$/;
const COLUMNS = "NAME,PATH,TYPE,SIZE,MODEL,SERIAL,TRAN,RO,PTTYPE,FSTYPE,PKNAME";

/** What lsblk(8) says of each, as far as it matters here. */
export interface Listed {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly model: string | null;
  readonly serial: string | null;
  readonly tran: string | null;
  readonly ro: boolean;
  readonly pttype: string | null;
  readonly fstype: string | null;
  readonly children?: readonly Listed[];
}

/** Disks that may be a box's own: no stick, none that is read-only, and not the one that `stick`, a partition, lies on. */
export function disksOf(
  listed: readonly Listed[],
  stick: string,
  isZero: (path: string) => boolean,
): readonly Disk[] {
  return listed
    .filter(({ children = [], name, ro, tran, type }) => {
      const isStick = tran === "usb" || children.some(({ path }) => path === stick);
      return type === "disk" && !ro && !isStick && !FLOPPY.test(name);
    })
    .map(({ children = [], fstype, model, name, path, pttype, serial, size }) => ({
      path,
      bytes: size,
      model: model?.trim() ?? "",
      id: idOf(serial ?? "", name),
      isBlank: pttype === null && fstype === null && children.length === 0 && isZero(path),
    }));
}

export function listDisks(stick: string): readonly Disk[] {
  const { status, stderr, stdout } = spawnSync("lsblk", ["--json", "--bytes", "--output", COLUMNS], {
    encoding: "utf8",
    timeout: ASK_MS_MAX,
  });
  if (status !== 0) throw new Error(`lsblk: ${stderr}`);
  const { blockdevices } = JSON.parse(stdout) as { readonly blockdevices: readonly Listed[] };
  return disksOf(blockdevices, stick, beginsWithNothing);
}

/** What no program knows may be somebody's data all the same. */
export function beginsWithNothing(path: string): boolean {
  const disk = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(BLANK_BYTES);
    const length = readSync(disk, bytes, 0, bytes.length, 0);
    return bytes.subarray(0, length).every((byte) => byte === 0);
  } finally {
    closeSync(disk);
  }
}

/** `/dev/sda` has `/dev/sda3`, `/dev/nvme0n1` has `/dev/nvme0n1p3`. */
export const partitionPath = (disk: string, number: number): string =>
  `${disk}${/\d$/.test(disk) ? "p" : ""}${number}`;
