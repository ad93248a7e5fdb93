/** Tells when files may have a new content. Editors write a new file and rename it, so folders are watched. */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** An editor's several writes are one change: it is told when nothing has happened for so long. */
export const SETTLE_MS = 200;

export interface FileWatch {
  close(): void;
}

/**
 * Watches a file, and all YAML files of `folder` where there is one. `onTrouble` when something cannot be watched (any
 * more); a signal still asks for the files to be read.
 */
export function watchFiles(
  file: string,
  folder: string | undefined,
  onChange: () => void,
  onTrouble: (error: unknown) => void,
): FileWatch {
  const name = basename(file);
  let settling: NodeJS.Timeout | undefined;
  const watchers: FSWatcher[] = [];
  const follow = (path: string, isOurs: (changed: string) => boolean): void => {
    try {
      const watcher = watch(path, (_, changed) => {
        if (changed !== null && !isOurs(changed)) return;
        clearTimeout(settling);
        settling = setTimeout(onChange, SETTLE_MS);
      });
      watcher.on("error", onTrouble);
      watchers.push(watcher);
    } catch (error) {
      onTrouble(error);
    }
  };
  follow(dirname(resolve(file)), (changed) => changed === name);
  if (folder !== undefined) follow(folder, (changed) => /\.ya?ml$/.test(changed));
  return {
    close: () => {
      clearTimeout(settling);
      for (const watcher of watchers) watcher.close();
    },
  };
}
