/**
 * What an ingest worker asks its fellows: where things are on their campuses. The store is one for all of them, so whoever knows
 * that can answer a question about several campuses.
 */
import { type AssetPath, campusPath, isWithin, type Site } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { QueryRequest } from "./api.ts";
import type { Locatable } from "./core/query.ts";

/** Devices come and move seldom; whoever asks for a page of figures asks many times. */
const KNOWN_MS_MAX = 30_000;
const ANSWER_MS_MAX = 9_000;
/** Campuses asked at the same time. */
const CAMPUSES_ASKED_MAX = 16;

export interface FellowOptions {
  readonly site: Site;
  /** The campus whose own things need no asking. */
  readonly campus: string;
  /** Speaks to whoever holds the ingest of a campus. */
  readonly client: (campus: string) => Pick<SocketClient, "fetch">;
  /** Milliseconds that never step back. */
  readonly uptime_ms: () => number;
}

export class Fellows {
  readonly #options: FellowOptions;
  readonly #campuses: readonly { readonly id: string; readonly path: AssetPath | undefined }[];
  readonly #known = new Map<string, { readonly at_ms: number; readonly locations: readonly Locatable[] }>();

  constructor(options: FellowOptions) {
    this.#options = options;
    const { campus, site } = options;
    this.#campuses = site.counties
      .flatMap(({ campuses }) => campuses)
      .filter(({ id }) => id !== campus)
      .map(({ id }) => ({ id, path: campusPath(site, id) }));
  }

  /** Throws a {@link Problem} 503 where a campus that is asked about has nobody who answers. */
  async locations({
    device,
    scope = "",
  }: Pick<QueryRequest, "device" | "scope">): Promise<readonly Locatable[]> {
    const waiting = this.#campuses.filter(({ id, path }) => {
      if (device !== undefined) return device.startsWith(`${id}/`);
      return path !== undefined && (isWithin(path, scope) || isWithin(scope, path));
    });
    const found: Locatable[] = [];
    const ask = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        found.push(...(await this.#ask(next.id)));
    };
    await Promise.all(Array.from({ length: CAMPUSES_ASKED_MAX }, ask));
    return found;
  }

  async #ask(campus: string): Promise<readonly Locatable[]> {
    const { client, uptime_ms } = this.#options;
    const known = this.#known.get(campus);
    if (known !== undefined && uptime_ms() - known.at_ms < KNOWN_MS_MAX) return known.locations;
    try {
      const answer = await client(campus).fetch("/locations", { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
      if (!answer.ok) throw new Error(`it answers ${answer.status}`);
      const locations = (await answer.json()) as readonly Locatable[];
      this.#known.set(campus, { at_ms: uptime_ms(), locations });
      return locations;
    } catch (error) {
      throw new Problem(
        503,
        "A campus does not answer",
        `${campus}: ${String(error)}; ask again`,
        `学校 ${campus} 的数据暂时读不到，请稍后再试`,
      );
    }
  }
}
