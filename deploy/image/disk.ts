/** The image of a whole disk: a table, two FAT file systems, a system in slot A, GRUB. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { emptyDisk, fatFile, type Grub, putBiosStart, putPartition, startPartition } from "./disk-parts.ts";
import { FIRST_ENVIRONMENT, grubConfiguration, grubEnvironment } from "./grub.ts";
import { extentOf, PARTITIONS } from "./layout.ts";

const READ_ME =
  "请把 edge.conf 拷到这里，然后给边缘盒通电。\r\nPut edge.conf here, then switch the box on.\r\n";

/** Writes `to`, a sparse file. `system` is an image that slot A holds. */
export function writeDisk(system: string, to: string, grub: Grub): void {
  const folder = mkdtempSync(join(dirname(to), ".disk-"));
  try {
    emptyDisk(to, PARTITIONS);
    const start = startPartition(folder, grub, extentOf("esp"), {
      "grub.cfg": grubConfiguration(grub.architecture),
      grubenv: grubEnvironment(FIRST_ENVIRONMENT),
    });
    putPartition(to, PARTITIONS, "esp", start);
    const readMe = join(folder, "README.txt");
    writeFileSync(readMe, `\ufeff${READ_ME}`);
    const seed = fatFile(join(folder, "EDGECFG.fat"), "EDGECFG", extentOf("EDGECFG"), {
      "README.txt": readMe,
    });
    putPartition(to, PARTITIONS, "EDGECFG", seed);
    putPartition(to, PARTITIONS, "root-a", system);
    if (grub.architecture === "amd64") putBiosStart(to, folder, grub, extentOf("bios"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
