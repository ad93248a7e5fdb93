/**
 * A hub of broker and ingest on one core, and a real edge that loads it on the other; both go before other work on the
 * machine where they may.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../testing/awaiting.ts";
import { LoadEdge, sourceIds } from "../testing/load/load-edge.ts";
import { CAMPUS, EDGE_PASSWORD, MinimalHub } from "./minimal-hub.ts";
import { goFirst } from "./process-usage.ts";

const SOURCES = 20;
const HUB_CORE = "0";
const EDGE_CORE = "1";

export interface LoadedHub {
  readonly hub: MinimalHub;
  readonly edge: LoadEdge;
  /** Of the hub's run folder: its private sockets. */
  readonly run: string;
}

/** With records of `ports` samples. What was started is stopped when `work` ends, and its folder removed. */
export async function withLoadedHub(
  ports: number,
  work: (loaded: LoadedHub) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "campus-ops-bench-"));
  const hub = await MinimalHub.start(folder, HUB_CORE);
  let edge: LoadEdge | undefined;
  try {
    for (const pid of hub.pids) goFirst(pid);
    // Our own threads: the edge and what measures it.
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", EDGE_CORE, String(process.pid)]);
    goFirst(process.pid);
    edge = new LoadEdge({
      folder: join(folder, "edge"),
      url: hub.url,
      username: "box-1",
      password: EDGE_PASSWORD,
      campus: CAMPUS,
      campusPath: `990100/990102/${CAMPUS}`,
      node: "box-1",
      sources: SOURCES,
      ports,
      since: Date.now(),
      step_ms: 1,
    });
    edge.connect();
    const { node } = edge;
    await eventually("the edge is born", async () => node.born || undefined);
    await work({ hub, edge, run: join(folder, "run") });
  } finally {
    await edge?.stop();
    await hub.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const IDS = sourceIds(SOURCES);

/** Whose turn it is to report, one after the other. */
export const sourceAt = (turn: number): string => IDS[turn % IDS.length] ?? "";

/** Samples that the edge has reported so far. */
export function reported(edge: LoadEdge, ports: number): number {
  return IDS.reduce((sum, source) => sum + edge.count(source), 0) * ports;
}
