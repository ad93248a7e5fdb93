/** What the agent must not load, wherever in its modules somebody asks for it. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

interface Loaded {
  /** Of Node's own modules. */
  readonly own: readonly string[];
  /** Files of packages in CommonJS. */
  readonly packages: readonly string[];
}

test("no part of the agent, its drivers and enrolment included, loads Node's HTTP client of 13 MB, or metrics before they are asked for", () => {
  const script = `
    import { createRequire } from "node:module";
    await import("./agent.ts");
    await import("./configuration.ts");
    await import("./enrolment/from-seed.ts");
    await import("./enrolment/renewal.ts");
    await (await import("./drivers/registry.ts")).loadDrivers();
    const packages = Object.keys(createRequire("/").cache);
    console.log(JSON.stringify({ own: process.moduleLoadList, packages }));
    process.exit();`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const { own, packages }: Loaded = JSON.parse(said);
  expect(own).toContain("NativeModule http");
  expect(own).not.toContain("NativeModule internal/deps/undici/undici");
  expect(packages).toContainEqual(expect.stringContaining("/pino/"));
  expect(packages.filter((file) => file.includes("/prom-client/"))).toEqual([]);
});
