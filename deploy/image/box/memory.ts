/** What the box knows of its updates: kept on the data partition, told in memory. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Image, Memory, Running, Slot } from "./core/contract.ts";
import type { Places } from "./places.ts";

/** Undefined where nothing is remembered, or what is cannot be read: a box does not stay behind for a torn file. */
export function readMemory(places: Places): Memory | undefined {
  if (!existsSync(places.memory)) return undefined;
  try {
    const read: unknown = JSON.parse(readFileSync(places.memory, "utf8"));
    return typeof read === "object" && read !== null && "update" in read ? (read as Memory) : undefined;
  } catch {
    return undefined;
  }
}

/** Kept first: what is told is true also after the power was cut. A data partition that takes no writes keeps nobody from telling. */
export function keep(places: Places, memory: Memory): void {
  try {
    replace(places.memory, JSON.stringify(memory), 0o600);
  } finally {
    replace(places.told, `${JSON.stringify(memory.update)}\n`, 0o644);
  }
}

export function imageOf(places: Places): Image {
  return JSON.parse(readFileSync(places.image, "utf8")) as Image;
}

/** The slot stands among the kernel's arguments (deploy/image/grub.ts). */
export function runningOf(places: Places): Running {
  const slot = /\brauc\.slot=([AB])\b/.exec(readFileSync(places.kernelArguments, "utf8"))?.[1];
  if (slot === undefined)
    throw new Error("the kernel was not told its slot: this box was not started by the image's GRUB");
  return { slot: slot as Slot, version: imageOf(places).version };
}

function replace(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const begun = `${path}.new`;
  writeFileSync(begun, text, { mode });
  sync(begun);
  renameSync(begun, path);
  sync(dirname(path));
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
