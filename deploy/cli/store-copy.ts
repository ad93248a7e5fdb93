/** `campus-ops store copy`: from the store that one hub's configuration names to that of another. */
import { isDeepStrictEqual } from "node:util";
import { loadConfiguration, readSecret } from "@campus-ops/ingest/configuration";
import { type CopyProgress, type CopyResult, copyStore, progressFile } from "@campus-ops/ingest/store/copy";
import { openStoreAt, type StorePlace, storePlace } from "@campus-ops/ingest/store/place";
import { StoreAwayError } from "@campus-ops/ingest/store/store";
import { OperatorError } from "@campus-ops/service";
import { lockData } from "./data-lock.ts";

/** As of a command that SIGINT ended. */
const EXIT_INTERRUPTED = 130;
const EXIT_DIFFERENT = 1;
/** Between two lines about the same day. */
const PROGRESS_MS = 5_000;

/** The exit code. `from` and `to` are configuration files; both stand for a hub with this data folder. */
export async function storeCopy(from: string, to: string, data: string): Promise<number> {
  const places = [placeOf(from, data), placeOf(to, data)] as const;
  if (isDeepStrictEqual(places[0], places[1]))
    throw new OperatorError(`${from} and ${to} name the same store; nothing to copy`);
  const lock = lockData(data);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const surroundings = { now: Date.now, uptime_ms: () => performance.now(), signal: stop.signal };
  const opened = [
    await openStoreAt(places[0], surroundings),
    await openStoreAt(places[1], surroundings),
  ] as const;
  try {
    const result = await copyStore({
      from: opened[0].store,
      to: opened[1].store,
      names: [nameOf(places[0]), nameOf(places[1])],
      progressFile: progressFile(data),
      onProgress: reporter(),
      signal: stop.signal,
    });
    return told(result, to, opened[1].rejected());
  } catch (error) {
    if (stop.signal.aborted) {
      console.log("interrupted; what was copied is kept. Say the same again to go on");
      return EXIT_INTERRUPTED;
    }
    if (error instanceof StoreAwayError)
      throw new OperatorError(`${error.message}. What was copied is kept; say the same again to go on`);
    throw error;
  } finally {
    for (const { store } of opened) await store.close();
    lock.release();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function placeOf(file: string, data: string): StorePlace {
  return storePlace(loadConfiguration(file).ingest.store, data, (path) => readSecret(file, path));
}

/** Without secrets: it is kept in a file. */
function nameOf(place: StorePlace): string {
  if (place.engine === "embedded") return place.folder;
  const {
    password: _,
    token: __,
    credentials: ___,
    ...address
  } = place.address as unknown as Record<string, unknown>;
  return `${place.engine} ${JSON.stringify(address)}`;
}

/** A line a day, and one now and then within a long day. */
function reporter(): (progress: CopyProgress) => void {
  let said = { day: Number.NaN, phase: "", at_ms: 0 };
  return ({ phase, day, done, days, points }) => {
    const now_ms = performance.now();
    if (said.day === day && said.phase === phase && now_ms - said.at_ms < PROGRESS_MS) return;
    said = { day, phase, at_ms: now_ms };
    console.log(
      `${phase} ${dateOf(day)}, ${done} of ${days} days done, ${points.toLocaleString("en")} points`,
    );
  };
}

function told(result: CopyResult, to: string, rejected: number): number {
  const { points, series, days, resumed, checkpoint, differences } = result;
  if (differences.length === 0) {
    console.log(
      `both stores hold the same ${points.toLocaleString("en")} points of ${series.toLocaleString("en")} series and ${days} days` +
        `${resumed > 0 ? ` (${resumed} days copied before)` : ""}. Start the hub with ${to}: it goes on at entry ${checkpoint} of the journal`,
    );
    return 0;
  }
  console.log("the stores differ; keep the old one, and say the same again after mending what is wrong:");
  for (const { day, series: name, what, expected, found } of differences)
    console.log(`  ${dateOf(day)} ${name}: ${what} differ; ${expected} points expected, ${found} found`);
  if (rejected > 0) console.log(`  ${rejected} points were refused; they are set aside in store-rejected/`);
  return EXIT_DIFFERENT;
}

const dateOf = (day: number): string => new Date(day).toISOString().slice(0, 10);
