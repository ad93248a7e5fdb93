/** Native code of the packages, by architecture. */
import type { Architecture } from "./debian-package.ts";
import type { ModuleFilter } from "./modules.ts";

/** What Node calls them. */
export const NODE_CPU: Readonly<Record<Architecture, string>> = { amd64: "x64", arm64: "arm64" };

/** It finds its binary by its own place: not bundled. */
export const SERIAL_PORT = "@serialport/bindings-cpp";

/** It brings binaries for all machines, and what compiling them anew needs. */
export function serialPort(architecture: Architecture): ModuleFilter {
  const folder = `prebuilds/linux-${NODE_CPU[architecture]}`;
  const isOthers = (path: string): boolean => path.startsWith("prebuilds/") && !path.startsWith(folder);
  return {
    without: new Set(["node-addon-api"]),
    takes: (name, path) => name !== SERIAL_PORT || !(isOthers(path) || /^src(\/|$)/.test(path)),
  };
}
