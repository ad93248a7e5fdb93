/** An ingest whose time stands still but where a test moves it: how late anything is, is no matter of this machine's load. */
import { join } from "node:path";
import { createLog, type Running } from "@campus-ops/service";
import { type SocketClient, socketClient } from "@campus-ops/service/socket-client";
import { startIngest } from "../hub-ingest.ts";
import { HOST, SITE } from "./campus.ts";

export interface StillIngest {
  readonly ingest: Running;
  readonly api: SocketClient;
}

/** `now` tells both the time and how long the machine is up. */
export async function startStillIngest(
  folder: string,
  broker: string,
  now: () => number,
): Promise<StillIngest> {
  const socket = join(folder, "ingest.sock");
  const ingest = await startIngest({
    data: folder,
    socket,
    site: SITE,
    broker: { url: broker },
    hostId: HOST,
    retention: { journalDays: 30, journalBytes: 1e9, pointDays: 30 },
    log: createLog("ingest", "silent"),
    now,
    uptime_ms: now,
    onFailure: (error) => {
      throw error;
    },
  });
  return { ingest, api: socketClient(socket) };
}
