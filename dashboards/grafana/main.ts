/** `npm run grafana -- <hub.yaml> <folder>`: the provisioning tree for the city of one's own hub. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SITE_SCHEMA, type Site } from "@campus-ops/device-profiles/vocabulary";
import { InvalidDocumentError, loadDocument } from "@campus-ops/service";
import { provisioningTree } from "./provisioning.ts";

const SCHEMA = { type: "object", required: ["site"], properties: { site: SITE_SCHEMA } } as const;

const [hub, folder, ...more] = process.argv.slice(2);
if (hub === undefined || folder === undefined || more.length > 0) {
  process.stderr.write("用法 · usage: npm run grafana -- <hub.yaml> <folder>\n");
  process.exitCode = 2;
} else {
  try {
    const { value } = loadDocument<{ readonly site: Site }>(resolve(hub), SCHEMA);
    for (const [path, text] of provisioningTree(value.site)) {
      const file = join(resolve(folder), path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      process.stdout.write(`${file}\n`);
    }
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
