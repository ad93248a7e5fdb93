/** What a stick that installs says of what became of it: two languages, for whoever opens it in Windows. */
import type { Texts } from "./contract.ts";
import { DISK_BYTES_MIN, type Disk, eraseName } from "./install-plan.ts";

export const REPORT_FILE = "安装-INSTALL.txt";

export type Result =
  | { readonly kind: "done"; readonly disk: Disk; readonly version: string; readonly hasSeed: boolean }
  | { readonly kind: "asked"; readonly disks: readonly Disk[] }
  | { readonly kind: "no-disk"; readonly tooSmall: readonly Disk[] }
  | { readonly kind: "stick-damaged" | "disk-damaged" | "failed"; readonly why: string };

export function reportOf(result: Result, at: string): string {
  const { en, zh } = textsOf(result);
  return `\ufeff${[`Code: ${result.kind}`, at, "", zh, "", en, ""].join("\n").replaceAll("\n", "\r\n")}`;
}

function textsOf(result: Result): Texts {
  switch (result.kind) {
    case "done": {
      const { disk, hasSeed, version } = result;
      return {
        zh: `已把系统 ${version} 写入硬盘 ${named(disk)} 并读回核对。拔下 U 盘，给边缘盒通电。\n${
          hasSeed
            ? "edge.conf 已移到边缘盒上（每台一份，装下一台请放新的）。"
            : "U 盘上没有 edge.conf：以后把它放在任意 U 盘里插上即可。"
        }`,
        en: `System ${version} is written to the disk ${named(disk)} and was read back. Pull the stick, and switch the box on.\n${
          hasSeed
            ? "edge.conf has moved to the box; each box needs its own, so put in a new one for the next."
            : "There was no edge.conf on the stick: put it on any stick later, and plug that in."
        }`,
      };
    }
    case "asked": {
      const disks = result.disks.map((disk) => `  ${eraseName(disk)}    ${named(disk)}`).join("\n");
      return {
        zh: `硬盘上有内容，或有几块硬盘，什么都没有改动。确认可以清除的，在 U 盘上新建一个同名文件夹，再从 U 盘启动一次：\n${disks}`,
        en: `There is something on the disk, or there are several; nothing was changed. Make a folder on this stick that is named as the disk that may be erased, and start from the stick once more:\n${disks}`,
      };
    }
    case "no-disk": {
      const small = result.tooSmall.map((disk) => `  ${named(disk)}`).join("\n");
      const gigabytes = DISK_BYTES_MIN / 1e9;
      return {
        zh: `没有找到至少 ${gigabytes} GB 的内置硬盘。${small === "" ? "" : `\n太小：\n${small}`}`,
        en: `There is no disk of ${gigabytes} GB or more in the box.${small === "" ? "" : `\nToo small:\n${small}`}`,
      };
    }
    case "stick-damaged":
      return {
        zh: `U 盘上的数据已损坏，边缘盒的硬盘尚不能用。请重新制作 U 盘（换一个更好），再装一次。(${result.why})`,
        en: `The stick does not give what was put on it, and the box's disk is of no use yet. Write the stick anew, better another one, and install again. (${result.why})`,
      };
    case "disk-damaged":
      return {
        zh: `边缘盒的硬盘写入或读回失败，请更换硬盘。(${result.why})`,
        en: `The box's disk could not be written, or does not give back what was written: replace it. (${result.why})`,
      };
    case "failed":
      return {
        zh: `没有装好：${result.why}。再启动一次；仍不行请把本文件发给管理员。`,
        en: `It was not installed: ${result.why}. Start once more; where that does not help, send this file to the administrator.`,
      };
  }
}

const named = ({ bytes, id, model, path }: Disk): string =>
  `${model === "" ? path : model} · ${(bytes / 1e9).toFixed(1)} GB · ${id}`;
