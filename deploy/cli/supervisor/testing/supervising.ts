/** A supervisor in a process of its own, so that a test can kill it. */
import { join } from "node:path";
import { createLog } from "@campus-ops/service";
import { Supervisor } from "../supervisor.ts";

const environment = { ...process.env, NAME: "orphan", BEHAVIOUR: "" };
const main = join(import.meta.dirname, "process.ts");
const supervisor = new Supervisor(
  [[{ name: "orphan", main, environment, essential: true }]],
  { line: () => undefined, ready: () => undefined },
  createLog("supervisor", "info"),
);
await supervisor.start();
console.log("supervising");
