import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EXIT_CONFIGURATION } from "@campus-ops/service";
import { connectAsync } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

interface Line {
  readonly msg: string;
  readonly ready?: boolean;
  readonly port?: number;
}

let folder = "";
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "broker-main-"));
  writeFileSync(join(folder, "monitor.password"), "secret\n", { mode: 0o600 });
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function start(yaml: string, run: string, variables: NodeJS.ProcessEnv = {}) {
  const config = join(folder, `${run}.yaml`);
  writeFileSync(config, yaml);
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, CAMPUS_OPS_CONFIG: config, CAMPUS_OPS_DATA: join(folder, run), ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** The lines up to the first that satisfies, or up to the end of the process. */
async function until(
  lines: AsyncIterator<string>,
  satisfies: (line: Line) => boolean,
): Promise<readonly Line[]> {
  const seen: Line[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done === true) return seen;
    const line = JSON.parse(next.value) as Line;
    seen.push(line);
    if (satisfies(line)) return seen;
  }
}

const USERS = "  users:\n    - { name: mon, passwordFile: monitor.password, role: monitor }\n";

test("the process says that it is ready, serves, refuses a port that is taken with its holder's name, and stops in order", async () => {
  const first = start(`broker:\n  listen: [{ host: 127.0.0.1, port: 0 }]\n${USERS}`, "first");
  const begun = await until(first.lines, ({ ready }) => ready === true);
  const port = begun.find((line) => line.port !== undefined)?.port ?? 0;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: "mon", password: "secret" });
  await client.endAsync();

  const second = start(`broker:\n${USERS}`, "second", { CAMPUS_OPS_MQTT_PORT: String(port) });
  const [refusal] = (await until(second.lines, () => true)).map(({ msg }) => msg);
  expect(refusal).toContain(`MQTT port ${port} on 127.0.0.1 is taken by`);
  expect(refusal).toContain(`(process ${first.child.pid})`);
  expect(second.child.exitCode ?? (await once(second.child, "exit"))[0]).toBe(EXIT_CONFIGURATION);

  first.child.kill("SIGTERM");
  expect((await once(first.child, "exit"))[0]).toBe(0);
});

test("a broken configuration ends it with the file, the line and the field", async () => {
  const { child, lines } = start("broker:\n  listen:\n    - { host: 127.0.0.1, port: many }\n", "broken");
  const [line] = await until(lines, () => true);
  expect(line?.msg).toBe(`${join(folder, "broken.yaml")}:3: broker.listen.0.port: must be integer`);
  expect(child.exitCode ?? (await once(child, "exit"))[0]).toBe(EXIT_CONFIGURATION);
});
