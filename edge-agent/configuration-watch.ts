/** Tells when a file may have a new content. Editors write a new file and rename it, so its folder is watched. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** An editor's several writes are one change: it is told when nothing has happened for so long. */
export const SETTLE_MS = 200;

export interface FileWatch {
  close(): void;
}

/** `onTrouble` when the folder cannot be watched (any more); a signal still asks for the file to be read. */
export function watchFile(
  file: string,
  onChange: () => void,
  onTrouble: (error: unknown) => void,
): FileWatch {
  const name = basename(file);
  let settling: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(resolve(file)), (_, changed) => {
      if (changed !== null && changed !== name) return;
      clearTimeout(settling);
      settling = setTimeout(onChange, SETTLE_MS);
    });
    watcher.on("error", onTrouble);
  } catch (error) {
    onTrouble(error);
  }
  return {
    close: () => {
      clearTimeout(settling);
      watcher?.close();
    },
  };
}
