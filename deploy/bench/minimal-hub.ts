/** The least that acknowledges what an edge sends: a broker process and an ingest process, on a core of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { PART_ARGUMENTS } from "../cli/processes.ts";
import { freePort } from "../testing/hub-process.ts";

const ROOT = resolve(import.meta.dirname, "../..");
export const CAMPUS = "bench-school";
export const EDGE_PASSWORD = "not-a-secret-of-anybody";

export class MinimalHub {
  readonly url: string;
  readonly #processes: readonly ChildProcess[];

  /** `folder` holds its configuration and data, and the file `password`, which is the edge's as well. */
  static async start(folder: string, core: string): Promise<MinimalHub> {
    const port = await freePort();
    const config = configuration(folder, port);
    const processes: ChildProcess[] = [];
    for (const part of ["broker", "ingest"]) {
      const main = join(ROOT, part, "main.ts");
      const environment = { CAMPUS_OPS_CONFIG: config, ...places(folder) };
      processes.push(await startPinned(main, core, environment, PART_ARGUMENTS));
    }
    return new MinimalHub(port, processes);
  }

  private constructor(port: number, processes: readonly ChildProcess[]) {
    this.url = `mqtt://127.0.0.1:${port}`;
    this.#processes = processes;
  }

  get pids(): readonly number[] {
    return this.#processes.map(({ pid }) => pid ?? 0);
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.toReversed()) await stopped(child);
  }
}

export const places = (folder: string): Readonly<Record<string, string>> => ({
  CAMPUS_OPS_DATA: folder,
  CAMPUS_OPS_RUN: join(folder, "run"),
});

/** A process of ours on one core; `started` gets it at once, and this resolves when it says that it is ready. */
export async function startPinned(
  main: string,
  core: string,
  environment: Readonly<Record<string, string>>,
  arguments_: readonly string[] = [],
  started: (child: ChildProcess) => void = () => undefined,
): Promise<ChildProcess> {
  const child = spawn("taskset", ["--cpu-list", core, process.execPath, ...arguments_, main], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  started(child);
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('"ready":true')) break;
  child.stdout.resume();
  return child;
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

function configuration(folder: string, port: number): string {
  const title = { zh: "测量", en: "Measurement" };
  writeFileSync(join(folder, "password"), `${EDGE_PASSWORD}\n`, { mode: 0o600 });
  const user = { passwordFile: "password" };
  const document = {
    site: {
      city: { code: "990100", title },
      counties: [{ code: "990102", title, campuses: [{ id: CAMPUS, title }] }],
    },
    broker: {
      listen: [{ host: "127.0.0.1", port }],
      users: [
        { ...user, name: "ingest", role: "host", hostId: "hub" },
        { ...user, name: "box-1", role: "edge", campus: CAMPUS, node: "box-1" },
      ],
    },
    ingest: { broker: { url: `mqtt://127.0.0.1:${port}`, username: "ingest", ...user } },
  };
  const file = join(folder, "hub.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(document));
  return file;
}
