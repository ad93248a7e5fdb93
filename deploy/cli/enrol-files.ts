/** What `campus-ops enrol` reads and writes: small files that people carry. */
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { OperatorError } from "@campus-ops/service";

const FILE_BYTES_MAX = 1024 * 1024;

export type Say = (zh: string, en: string) => string;

export function required(file: string | undefined, say: Say): string {
  if (file === undefined) throw new OperatorError(say("请写明文件", "say which file"));
  return file;
}

/** In the folder named, under the usual name; or the file named. */
export function outFile(out: string | undefined, name: string, say: Say): string {
  const place = resolve(out ?? ".");
  const file = existsSync(place) && statSync(place).isDirectory() ? join(place, name) : place;
  if (existsSync(file)) {
    throw new OperatorError(
      say(
        `${file} 已存在；请先移走，或用 --out 换一处`,
        `${file} is there already; move it away, or say another place with --out`,
      ),
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  return file;
}

export function readSmall(file: string): string {
  try {
    if (statSync(file).size > FILE_BYTES_MAX)
      throw new OperatorError(`${file} is too large to be what it should`, {
        zh: `${file} 过大，不是应有的文件`,
      });
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new OperatorError(`${file} cannot be read (${code})`, { zh: `${file} 无法读取（${code}）` });
  }
}
