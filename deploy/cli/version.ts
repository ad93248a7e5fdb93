import { readFileSync } from "node:fs";

export function versionText(packageFile: string): string {
  const { version } = JSON.parse(readFileSync(packageFile, "utf8")) as { version: string };
  return `campus-ops ${version} on Node ${process.versions.node}, ${process.platform} ${process.arch}`;
}
