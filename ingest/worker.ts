/** Ingest of one of several workers: for each campus that it holds, what a hub of that campus alone would run. */
import { join } from "node:path";
import { campusJournal, embeddedPlace } from "@campus-ops/broker/journal/place";
import { hostOfCampus } from "@campus-ops/broker/sparkplug";
import { CampusId, siteOfCampus } from "@campus-ops/device-profiles/vocabulary";
import { OperatorError, type Running } from "@campus-ops/service";
import type { RelationalPlace } from "@campus-ops/service/relational";
import type { SocketClient } from "@campus-ops/service/socket-client";
import {
  answerFor,
  Directory,
  holdAnswers,
  type ProbePlace,
  startWorker,
  type Unit,
} from "@campus-ops/service/workers";
import { Fellows } from "./fellows.ts";
import { type IngestOptions, startIngest } from "./hub-ingest.ts";

export interface IngestWorkerOptions
  extends Omit<IngestOptions, "socket" | "listen" | "file" | "campus" | "routes"> {
  readonly relational: RelationalPlace;
  readonly run: string;
  /** By which the others reach this machine; sockets of this machine unless said. */
  readonly host: string | undefined;
  /** Where it is asked how it is; nowhere unless said. */
  readonly probe: ProbePlace | undefined;
}

/** Throws {@link OperatorError} where the store is of one machine. */
export async function startIngestWorker(options: IngestWorkerOptions): Promise<Running> {
  const { data, host, hostId, journal = embeddedPlace(data), log, relational, run, site, store } = options;
  if (store === undefined || store.engine === "embedded")
    throw new OperatorError(
      "workers share out campuses, and their store must be where all of them reach it: set ingest.store.engine to victoria-metrics or influxdb",
    );
  const { token } = relational;
  return startWorker({
    role: "ingest",
    place: relational,
    data: join(data, "ingest-worker"),
    campuses: site.counties.flatMap(({ campuses }) => campuses.map(({ id }) => id)),
    probe: options.probe,
    log,
    onFailure: options.onFailure,
    start: async (campus, { ledger, onFailure, postgres }): Promise<Unit> => {
      const uptime_ms = (): number => performance.now();
      const directory = new Directory({ postgres, token, uptime_ms });
      const client = (of: string): SocketClient => directory.client("ingest", of);
      const fellows = new Fellows({ site, campus, client, uptime_ms });
      let address = "";
      const running = await startIngest({
        ...options,
        // What no other worker needs to know: pictures that are under way, what was set aside.
        data: join(data, "ingest-worker", "local", campus),
        site: siteOfCampus(site, campus),
        campus: CampusId(campus),
        hostId: hostOfCampus(hostId, campus),
        journal: campusJournal(journal, campus),
        file: ledger.file,
        log: log.child({ campus }),
        onFailure,
        elsewhere: (asked) => fellows.locations(asked),
        routes: (server) => holdAnswers(server, () => ledger.settled()),
        listen: async (server) => {
          address = await answerFor(server, { run, host, token }, "ingest", campus);
        },
      });
      return {
        address,
        stop: async () => {
          await running.stop();
          await directory.close();
        },
      };
    },
  });
}
