/** What the agent must not load, wherever in its modules somebody asks for it. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("no part of the agent, its drivers and enrolment included, loads Node's HTTP client of 13 MB, or metrics before they are asked for", () => {
  const script = `
    await import("./agent.ts");
    await import("./configuration.ts");
    await import("./enrolment/from-seed.ts");
    await import("./enrolment/renewal.ts");
    await (await import("./drivers/registry.ts")).loadDrivers();
    console.log(JSON.stringify(process.moduleLoadList));
    process.exit();`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const loaded: readonly string[] = JSON.parse(said);
  expect(loaded).toContain("NativeModule http");
  expect(loaded).not.toContain("NativeModule internal/deps/undici/undici");
  // prom-client loads it first of all.
  expect(loaded).not.toContain("NativeModule cluster");
});
