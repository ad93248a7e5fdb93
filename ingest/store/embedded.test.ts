import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore } from "./embedded.ts";
import { storeContract } from "./testing/store-contract.ts";

storeContract("embedded", () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  return { open: () => openEmbeddedStore(folder), remove: () => rmSync(folder, { recursive: true }) };
});
