import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createLog } from "@campus-ops/service";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProcessSpec } from "./child.ts";
import { Supervisor } from "./supervisor.ts";

const main = join(import.meta.dirname, "testing", "process.ts");

/** What the processes did, in order: `born NAME`, `stopping NAME`, `dead NAME`. */
class Lives {
  readonly seen: string[] = [];
  readonly pids = new Map<string, number>();
  /** Who still lived when a process was asked to stop. */
  readonly aliveAtStopOf: Record<string, readonly string[]> = {};
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      let name = "";
      socket.on("data", (data) => {
        for (const line of data.toString().split("\n").filter(Boolean)) {
          const [who = "", what = ""] = line.split(" ");
          name = who;
          if (what === "stopping") {
            this.aliveAtStopOf[name] = this.#alive();
            this.#note(`stopping ${name}`);
          } else {
            this.pids.set(name, Number(what));
            this.#note(`born ${name}`);
          }
          socket.write("noted");
        }
      });
      socket.on("error", () => undefined);
      socket.on("close", () => this.#note(`dead ${name}`));
    });
  }

  async open(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server.close();
  }

  /** Resolves when `what` was seen `times` times. */
  async see(what: string, times = 1): Promise<void> {
    while (this.seen.filter((each) => each === what).length < times) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #alive(): readonly string[] {
    return [...this.pids].filter(([, pid]) => exists(pid)).map(([name]) => name);
  }

  #note(what: string): void {
    this.seen.push(what);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

let lives: Lives;
let port: number;
let supervisor: Supervisor | undefined;
let said: string;

beforeEach(async () => {
  lives = new Lives();
  port = await lives.open();
  said = "";
});
afterEach(async () => {
  await supervisor?.stop();
  lives.close();
});

const spec = (name: string, behaviour = "", more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name,
  main,
  environment: { ...process.env, NAME: name, BEHAVIOUR: behaviour, LIFE_LINE_PORT: String(port) },
  essential: true,
  ...more,
});

function supervise(...stages: readonly (readonly ProcessSpec[])[]): Supervisor {
  const log = new PassThrough();
  log.on("data", (data: Buffer) => {
    said += data.toString();
  });
  supervisor = new Supervisor(
    stages,
    { line: () => undefined, ready: () => undefined },
    createLog("supervisor", "info", log),
  );
  return supervisor;
}

describe("the supervisor", () => {
  test("starts stage by stage, each when the one before is ready, and stops in reverse", async () => {
    const hub = supervise([spec("broker")], [spec("ingest")], [spec("edge")]);
    expect(await hub.start()).toBe(true);
    expect(lives.seen).toEqual(["born broker", "born ingest", "born edge"]);
    await hub.stop();
    await lives.see("stopping broker");
    expect(lives.seen.filter((each) => each.startsWith("stopping"))).toEqual([
      "stopping edge",
      "stopping ingest",
      "stopping broker",
    ]);
    expect(lives.aliveAtStopOf).toEqual({
      edge: ["broker", "ingest", "edge"],
      ingest: ["broker", "ingest"],
      broker: ["broker"],
    });
  });

  test("starts again what was killed, and only that", async () => {
    const hub = supervise([spec("broker"), spec("ingest")]);
    await hub.start();
    const first = lives.pids.get("ingest") ?? 0;
    process.kill(first, "SIGKILL");
    await lives.see("born ingest", 2);
    expect(lives.pids.get("ingest")).not.toBe(first);
    expect(hub.pids()).toEqual(Object.fromEntries(lives.pids));
    expect(lives.seen.filter((each) => each.endsWith("broker"))).toEqual(["born broker"]);
    expect(said).toContain("ingest was ended by SIGKILL; it is started again");
  });

  test("goes on trying with what crashes while it starts", async () => {
    const hub = supervise([spec("rules", "crash")]);
    const start = hub.start();
    await lives.see("born rules", 3);
    await hub.stop();
    expect(await start).toBe(false);
    expect(said).toContain('"failures":2');
  });

  test("does not start again what refuses its configuration, and hands on what it said", async () => {
    const hub = supervise([spec("broker", "refuse")], [spec("ingest")]);
    await expect(hub.start()).rejects.toThrow('broker: hub.yaml:3: broker.users: lacks the field "name"');
    expect(lives.seen).not.toContain("born ingest");
    expect(lives.seen.filter((each) => each === "born broker")).toHaveLength(1);
  });

  test("runs the rest when an edge agent refuses its configuration", async () => {
    const hub = supervise(
      [spec("broker")],
      [spec("edge-a", "refuse", { essential: false }), spec("edge-b", "", { essential: false })],
    );
    await hub.start();
    expect(Object.keys(hub.pids()).sort()).toEqual(["broker", "edge-b"]);
    expect(said).toContain("edge-a refuses its configuration");
  });

  test("tells when a part asks to have the demonstration cleared away, and does not start that part again", async () => {
    const asked = Promise.withResolvers<void>();
    supervisor = new Supervisor(
      [[spec("dashboards", "clear")]],
      { line: () => undefined, ready: () => undefined, clear: asked.resolve },
      createLog("supervisor", "info", new PassThrough().resume()),
    );
    await supervisor.start();
    await asked.promise;
    expect(supervisor.pids()).toEqual({});
    await supervisor.stop();
    expect(lives.seen.filter((each) => each.startsWith("born"))).toEqual(["born dashboards"]);
  });

  test("ends by force what does not stop when asked", async () => {
    const hub = supervise([spec("ingest", "stubborn", { killAfter_ms: 300 })]);
    await hub.start();
    await hub.stop();
    await lives.see("dead ingest");
    expect(lives.seen).toEqual(["born ingest", "stopping ingest", "dead ingest"]);
  });

  test("takes its processes with it when it is killed itself", async () => {
    const supervising = spawn(process.execPath, [join(import.meta.dirname, "testing", "supervising.ts")], {
      env: { ...process.env, LIFE_LINE_PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(supervising.stdout, "data");
    supervising.kill("SIGKILL");
    await lives.see("dead orphan");
    expect(lives.seen).toEqual(["born orphan", "stopping orphan", "dead orphan"]);
  });
});
