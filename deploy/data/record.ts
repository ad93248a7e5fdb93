/** `node deploy/data/record.ts`: writes down which tables this version of the product has. Once for each version, before its release. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { present } from "./databases.ts";

const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8")) as {
  version: string;
};
const folder = mkdtempSync(join(tmpdir(), "databases-"));
const file = join(import.meta.dirname, "fixtures", `${version}.json`);
writeFileSync(file, `${JSON.stringify(present(folder), undefined, 2)}\n`);
rmSync(folder, { recursive: true });
console.log(file);
