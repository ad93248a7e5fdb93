/** Rules of one of several workers: for each campus that it holds, what a hub of that campus alone would run. */
import { join } from "node:path";
import { campusJournal } from "@campus-ops/broker/journal/place";
import type { Running } from "@campus-ops/service";
import type { RelationalPlace } from "@campus-ops/service/relational";
import {
  answerFor,
  holdAnswers,
  type ProbePlace,
  publishWrites,
  type Sharing,
  startWorker,
  type Unit,
} from "@campus-ops/service/workers";
import type { City } from "./city/ask.ts";
import { CityBackTests } from "./city/back-tests.ts";
import { cityRoutes } from "./city/routes.ts";
import { ofCampus } from "./configuration.ts";
import { type RulesOptions, startRules, watchedDesks } from "./hub-rules.ts";

export interface RulesWorkerOptions extends Omit<RulesOptions, "listen" | "ingest" | "file" | "kept"> {
  readonly relational: RelationalPlace;
  readonly run: string;
  /** By which the others reach this machine; sockets of this machine unless said. */
  readonly host: string | undefined;
  /** Where it is asked how it is; nowhere unless said. */
  readonly probe: ProbePlace | undefined;
  /** Settings and rule packs that are the same at all workers. */
  readonly sharing: Sharing;
}

export async function startRulesWorker(options: RulesWorkerOptions): Promise<Running> {
  const { configuration, data, host, journal, log, relational, run } = options;
  const { token } = relational;
  const campuses = configuration.campuses.map((id) => ({ id, path: configuration.campusPath(id) }));
  const worker = await startWorker({
    role: "rules",
    place: relational,
    data: join(data, "rules-worker"),
    campuses: configuration.campuses,
    probe: options.probe,
    log,
    onFailure: options.onFailure,
    start: async (campus, { directory, ledger, onFailure }): Promise<Unit> => {
      await options.sharing.refresh();
      const ofThis = log.child({ campus });
      const city: City = { campuses, client: (of) => directory.client("rules", of) };
      const backTests = new CityBackTests(city, options.now);
      let address = "";
      const running = await startRules({
        ...options,
        configuration: ofCampus(configuration, campus),
        journal: campusJournal(journal, campus),
        file: ledger.file,
        kept: ledger,
        onFailure,
        log: ofThis,
        ingest: directory.client("ingest", campus),
        routes: (server) => {
          holdAnswers(server, () => ledger.settled());
          cityRoutes(server, {
            city,
            backTests,
            desks: configuration.notify.staff.desks,
            watched: watchedDesks(configuration),
            now: options.now,
          });
          publishWrites(server, options.sharing.files);
          options.routes?.(server);
        },
        listen: async (server) => {
          address = await answerFor(server, { run, host, token }, "rules", campus);
        },
      });
      return {
        address,
        stop: async () => {
          await backTests.stop();
          await running.stop();
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
