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
  Contents,
  holdAnswers,
  type ProbePlace,
  publishWrites,
  type Sharing,
  startWorker,
  type Unit,
} from "@campus-ops/service/workers";
import { Fellows } from "./fellows.ts";
import { type IngestOptions, startIngest } from "./hub-ingest.ts";
import { INCOMING_BYTES_MAX } from "./pictures/shelf.ts";

/** Pictures of a campus in PostgreSQL, beyond which the oldest go before their time: a month of a hundred a day, and clips. */
export const SHARED_SHELF_BYTES_MAX = 1_024 ** 3;

export interface IngestWorkerOptions extends Omit<IngestOptions, "socket" | "listen" | "file" | "campus"> {
  readonly relational: RelationalPlace;
  readonly run: string;
  /** By which the others reach this machine; sockets of this machine unless said. */
  readonly host: string | undefined;
  /** Where it is asked how it is; nowhere unless said. */
  readonly probe: ProbePlace | undefined;
  /** Settings that are the same at all workers. */
  readonly sharing: Sharing;
}

/** Throws {@link OperatorError} where the store is of one machine. */
export async function startIngestWorker(options: IngestWorkerOptions): Promise<Running> {
  const { data, host, hostId, journal = embeddedPlace(data), log, relational, run, site, store } = options;
  if (store === undefined || store.engine === "embedded")
    throw new OperatorError(
      "workers share out campuses, and their store must be where all of them reach it: set ingest.store.engine to victoria-metrics or influxdb",
    );
  const { token } = relational;
  const worker = await startWorker({
    role: "ingest",
    place: relational,
    data: join(data, "ingest-worker"),
    campuses: site.counties.flatMap(({ campuses }) => campuses.map(({ id }) => id)),
    probe: options.probe,
    log,
    onFailure: options.onFailure,
    start: async (campus, { directory, lease, ledger, onFailure, postgres }): Promise<Unit> => {
      const uptime_ms = (): number => performance.now();
      const client = (of: string): SocketClient => directory.client("ingest", of);
      const fellows = new Fellows({ site, campus, client, uptime_ms });
      const contents = new Contents(postgres, lease, {
        onAway: (error) => log.warn({ campus, err: error }, "a picture cannot be kept now; trying again"),
      });
      let address = "";
      const running = await startIngest({
        ...options,
        // What no other worker needs to know: what was set aside, and how far data has aged.
        data: join(data, "ingest-worker", "local", campus),
        site: siteOfCampus(site, campus),
        campus: CampusId(campus),
        hostId: hostOfCampus(hostId, campus),
        journal: campusJournal(journal, campus),
        file: ledger.file,
        log: log.child({ campus }),
        onFailure,
        pictures: {
          file: ledger.file("pictures.sqlite"),
          contents,
          limits: { incomingBytes_max: INCOMING_BYTES_MAX, shelfBytes_max: SHARED_SHELF_BYTES_MAX },
          settled: () => ledger.settledOrAway(),
        },
        elsewhere: (asked) => fellows.locations(asked),
        routes: (server, retention) => {
          holdAnswers(server, () => ledger.settled());
          publishWrites(server, options.sharing.files);
          options.routes?.(server, retention);
        },
        listen: async (server) => {
          address = await answerFor(server, { run, host, token }, "ingest", campus);
        },
      });
      return {
        address,
        stop: async () => {
          await running.stop();
          contents.close();
        },
      };
    },
  });
  return {
    stop: async () => {
      await worker.stop();
      await options.sharing.stop();
    },
  };
}
