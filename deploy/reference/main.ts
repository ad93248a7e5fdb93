/** `npm run reference`: writes the generated pages of `docs/reference`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { referencePages } from "./pages.ts";

const root = resolve(import.meta.dirname, "../..");
for (const [path, text] of await referencePages()) {
  const file = resolve(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${path}\n`);
}
