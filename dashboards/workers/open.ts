/** The parts behind the API where several workers share out the campuses. */
import type { Site } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { RelationalPlace } from "@campus-ops/service/relational";
import type { SocketClient } from "@campus-ops/service/socket-client";
import { Directory, openPostgres } from "@campus-ops/service/workers";
import { cityClient } from "./city-client.ts";

export function openWorkers(
  place: RelationalPlace,
  site: Site,
  log: Log,
): { readonly ingest: SocketClient; readonly rules: SocketClient } {
  const postgres = openPostgres(place, (error) =>
    log.warn({ err: error }, "a connection to PostgreSQL was lost"),
  );
  const directory = new Directory({ postgres, token: place.token, uptime_ms: () => performance.now() });
  const campuses = site.counties.flatMap((county) => county.campuses.map(({ id }) => id));
  log.info(
    { campuses: campuses.length },
    "several workers: accounts, plans, rooms, work orders and the audit trail are kept by this console alone, which runs once. See docs/scale-out.md",
  );
  const rules = cityClient(directory, "rules", campuses);
  const close = async (): Promise<void> => {
    await directory.close();
    await postgres.end();
  };
  return { ingest: cityClient(directory, "ingest", campuses), rules: { ...rules, close } };
}
