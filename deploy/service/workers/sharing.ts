/** What keeps the shared files of a worker the same as those of its fellows while it runs. */
import type { FastifyInstance } from "fastify";
import type { Running } from "../lifecycle.ts";
import type { Log } from "../log.ts";
import { openPostgres } from "./postgres.ts";
import type { RelationalPlace } from "./relational.ts";
import { SharedFiles } from "./shared-files.ts";

/** Workers do not all begin again at the same time. */
const SPREAD_MS_MAX = 30_000;

/** What a person writes is told to the others before it is confirmed. Before the server listens. */
export function publishWrites(server: FastifyInstance, files: SharedFiles): void {
  server.addHook("onSend", async ({ method, url }, { statusCode }) => {
    if (method !== "GET" && statusCode < 400 && /^\/(settings|packs)\//.test(url)) await files.publish();
  });
}

export interface SharingOptions {
  readonly place: RelationalPlace;
  /** In which they are, as in the data folder of a hub of one machine. */
  readonly data: string;
  /** Ends the process, to begin again with the settings as they are. Packs come into force as they are written. */
  readonly startAgain: () => void;
  readonly random: () => number;
  readonly log: Log;
}

export interface Sharing extends Running {
  readonly files: SharedFiles;
  /**
   * Looks now. Before a campus is taken on: what its entries mean is said by the packs that people were told are in force, and an
   * entry is read once. Never rejects.
   */
  refresh(): Promise<void>;
}

/** Brings the shared files to what all workers have, and looks for changes from then on. */
export async function shareFiles(options: SharingOptions): Promise<Sharing> {
  const { data, log, place, random, startAgain } = options;
  const postgres = openPostgres(place, (error) =>
    log.warn({ err: error }, "a connection to PostgreSQL was lost"),
  );
  const files = await SharedFiles.open({ postgres, data, token: place.token });
  let restarting: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      if (!(await files.isBehind())) return;
      const changed = await files.pull();
      log.info({ changed }, "files that people wrote at another worker are here too");
      if (changed.some((path) => path.startsWith("settings")))
        restarting ??= setTimeout(startAgain, random() * SPREAD_MS_MAX);
    } catch (error) {
      log.warn({ err: error }, "whether others have changed something cannot be seen now; asking again");
    }
  };
  const refresh = (): Promise<void> => {
    looking = looking.then(look);
    return looking;
  };
  const timer = setInterval(() => void refresh(), place.lease_ms);
  return {
    files,
    refresh,
    stop: async () => {
      clearInterval(timer);
      clearTimeout(restarting);
      await looking;
      await postgres.end();
    },
  };
}
