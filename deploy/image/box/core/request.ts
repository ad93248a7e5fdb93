/** One line of JSON that asks for something. */
import { BUNDLE_FOLDERS } from "./contract.ts";

export const REQUEST_BYTES_MAX = 4_096;

export interface UpdateRequest {
  /** Absolute, normalised, below one of the folders that bundles may lie in. */
  readonly install?: string;
  readonly restart: boolean;
}

/** Undefined where it is none. */
export function readRequest(
  line: string,
  folders: readonly string[] = BUNDLE_FOLDERS,
): UpdateRequest | undefined {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof read !== "object" || read === null) return undefined;
  const { install, restart }: { readonly install?: unknown; readonly restart?: unknown } = read;
  if (restart !== undefined && typeof restart !== "boolean") return undefined;
  if (install === undefined) return restart === true ? { restart } : undefined;
  if (typeof install !== "string" || !mayLieAt(install, folders)) return undefined;
  return { install, restart: restart ?? true };
}

/** Links are followed by whoever opens the file; by name alone it must not lead out. */
export function mayLieAt(path: string, folders: readonly string[] = BUNDLE_FOLDERS): boolean {
  const parts = path.split("/");
  const isPlain = !parts.slice(1).some((part) => part === "" || part === "." || part === "..");
  return isPlain && !path.includes("\0") && folders.some((folder) => path.startsWith(`${folder}/`));
}
