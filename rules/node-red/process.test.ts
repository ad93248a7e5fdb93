import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { socketPath } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { flowsFolder, permissions } from "./permissions.ts";

const MAIN = join(import.meta.dirname, "main.ts");
const ROOT = resolve(import.meta.dirname, "../..");

let folder: string;
let child: ChildProcess | undefined;
let client: SocketClient;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flows-"));
  for (const each of [flowsFolder(join(folder, "data")), join(folder, "run")])
    mkdirSync(each, { recursive: true });
  client = socketClient(socketPath(join(folder, "run"), "node-red"));
});
afterEach(async () => {
  await client.close();
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the process as the supervisor does; resolves with what it said last before it was ready, or ended. */
async function start(
  section: string,
  arguments_: readonly string[],
): Promise<{ ready: boolean; said: string }> {
  const config = join(folder, "hub.yaml");
  writeFileSync(config, section);
  child = spawn(process.execPath, [...arguments_, MAIN], {
    env: {
      ...process.env,
      CAMPUS_OPS_CONFIG: config,
      CAMPUS_OPS_DATA: join(folder, "data"),
      CAMPUS_OPS_RUN: join(folder, "run"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((settle) => {
    createInterface({ input: child?.stdout ?? process.stdin }).on("line", (line) => {
      said += `${line}\n`;
      if (line.includes('"ready":true')) settle({ ready: true, said });
    });
    child?.once("close", () => settle({ ready: false, said }));
  });
}

const shutIn = (): readonly string[] =>
  permissions({
    root: ROOT,
    data: join(folder, "data"),
    run: join(folder, "run"),
    config: join(folder, "hub.yaml"),
  });

async function deploy(flows: readonly object[]): Promise<number> {
  const { status } = await client.fetch("/flows", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(flows),
  });
  return status;
}

describe("the flows' process", () => {
  test("does not run unless it is shut in", async () => {
    const { ready, said } = await start("flows: { enabled: true }", []);
    expect(ready).toBe(false);
    expect(said).toContain("flows may only run shut in");
  });

  test("has the campus's palette and no way to programs, files or listening sockets", async () => {
    expect(await start("flows: { enabled: true }", shutIn())).toMatchObject({ ready: true });
    const answer = await client.fetch("/nodes", { headers: { accept: "application/json" } });
    const sets = (await answer.json()) as { types: string[]; enabled: boolean; err?: unknown }[];
    const types = sets.flatMap(({ types: each }) => each);
    for (const type of ["samples", "alarms", "condition", "alarm", "command", "calendar", "hub"])
      expect(types).toContain(`campus-${type}`);
    for (const type of [
      "exec",
      "file",
      "file in",
      "watch",
      "tcp in",
      "udp in",
      "http in",
      "websocket in",
      "function",
    ])
      expect(types).not.toContain(type);
    expect(sets.filter(({ err }) => err !== undefined)).toEqual([]);
    const install = await client.fetch("/nodes", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ module: "node-red-contrib-anything" }),
    });
    expect(install.status).toBeGreaterThanOrEqual(400);
  });

  test("keeps every deployed version of the flows", async () => {
    expect(await start("flows: { enabled: true }", shutIn())).toMatchObject({ ready: true });
    const versions = join(folder, "data/node-red/versions");
    expect(await deploy([{ id: "t1", type: "tab", label: "one" }])).toBe(204);
    const labels = (): readonly string[] =>
      readdirSync(versions)
        .map((name) => JSON.parse(readFileSync(join(versions, name), "utf8")) as { label?: string }[])
        .flatMap((flows) => flows.flatMap(({ label }) => label ?? []));
    await expect.poll(labels).toContain("one");
    expect(await deploy([{ id: "t1", type: "tab", label: "two" }])).toBe(204);
    await expect.poll(labels).toEqual(expect.arrayContaining(["one", "two"]));
  });

  test("a function that breaks out of its sandbox reaches no other file and no program", async () => {
    expect(await start("flows: { enabled: true, functions: true }", shutIn())).toMatchObject({ ready: true });
    writeFileSync(join(folder, "secret"), "do not read");
    const out = join(folder, "data/node-red/out.json");
    const code = `
      const outer = Buffer.constructor("return process")();
      const fs = outer.getBuiltinModule("node:fs");
      const attempt = (work) => { try { work(); return "done"; } catch (error) { return error.code; } };
      fs.writeFileSync(${JSON.stringify(out)}, JSON.stringify({
        read: attempt(() => fs.readFileSync(${JSON.stringify(join(folder, "secret"))})),
        write: attempt(() => fs.writeFileSync(${JSON.stringify(join(folder, "planted"))}, "x")),
        run: attempt(() => outer.getBuiltinModule("node:child_process").spawnSync("/bin/true")),
      }));
      return null;`;
    const flows = [
      { id: "t", type: "tab", label: "t" },
      {
        id: "i",
        type: "inject",
        z: "t",
        once: true,
        onceDelay: 0.1,
        props: [{ p: "payload" }],
        wires: [["f"]],
      },
      { id: "f", type: "function", z: "t", func: code, outputs: 1, wires: [[]] },
    ];
    expect(await deploy(flows)).toBe(204);
    const reached = async (): Promise<unknown> => {
      try {
        return JSON.parse(readFileSync(out, "utf8")) as unknown;
      } catch {
        return undefined;
      }
    };
    await expect.poll(reached, { timeout: 15_000 }).toEqual({
      read: "ERR_ACCESS_DENIED",
      write: "ERR_ACCESS_DENIED",
      run: "ERR_ACCESS_DENIED",
    });
  });

  test("runs the example flows as they are", async () => {
    expect(await start("flows: { enabled: true }", shutIn())).toMatchObject({ ready: true });
    const examples = join(import.meta.dirname, "examples");
    const files = readdirSync(examples);
    expect(files).toHaveLength(5);
    const flows = files.flatMap(
      (file) => JSON.parse(readFileSync(join(examples, file), "utf8")) as { type: string }[],
    );
    expect(await deploy(flows)).toBe(204);
    const running = (await (
      await client.fetch("/flows", { headers: { accept: "application/json" } })
    ).json()) as {
      type: string;
    }[];
    expect(running.map(({ type }) => type).sort()).toEqual(flows.map(({ type }) => type).sort());
    expect(running.some(({ type }) => type === "unknown")).toBe(false);
  });
});
