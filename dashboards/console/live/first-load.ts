import type { QueryClient } from "@tanstack/react-query";
import type { LiveDesk } from "./desk.ts";
import { SITE_QUERY } from "./live.tsx";
import { ME_QUERY } from "./me.ts";

/** A hub that takes longer to answer is drawn without its lists, so that the page can say what it waits for. */
const ANSWERS_MS_MAX = 500;

/**
 * Reads what every page shows before the first is drawn, so that it is drawn once, with its list. `index.html` asks for the
 * same three while the script is still on its way. What fails is asked for again by whatever shows it.
 */
export async function firstLoad(client: QueryClient, desk: LiveDesk): Promise<void> {
  const answers = Promise.all([
    client.prefetchQuery(ME_QUERY),
    client.prefetchQuery(desk.alarmsQuery),
    client.prefetchQuery(SITE_QUERY),
  ]);
  const { promise: patience, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ANSWERS_MS_MAX);
  await Promise.race([answers, patience]);
  clearTimeout(timer);
}
