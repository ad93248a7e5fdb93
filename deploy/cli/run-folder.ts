/** Where the private sockets of a hub lie: in its data folder, or, where that path is too long for a socket, near the root. */
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperatorError, SOCKET_PATH_BYTES_MAX } from "@campus-ops/service";

/** The longest name a process gives its socket, with the slash. */
export const SOCKET_NAME_BYTES_MAX = 48;

/** The folder's path. The same data folder has the same run folder, always. */
export function runFolder(data: string): string {
  const inside = join(data, "run");
  if (Buffer.byteLength(inside) + SOCKET_NAME_BYTES_MAX <= SOCKET_PATH_BYTES_MAX) return inside;
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 16);
  return join(tmpdir(), `campus-ops-${process.getuid?.() ?? 0}-${hash}`);
}

/** Creates it for this user alone. The temporary folder is everybody's: what somebody else put there is refused. */
export function makeRunFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || (process.getuid !== undefined && found.uid !== process.getuid())) {
    throw new OperatorError(
      `${folder} belongs to somebody else, so the hub's private sockets cannot live there; set CAMPUS_OPS_RUN to a folder of your own`,
    );
  }
  chmodSync(folder, 0o700);
}
