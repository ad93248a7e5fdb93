/**
 * All workers of a role as one part: what names a campus is asked of its holder, lists are asked of all of them and put
 * together, and what no worker can answer alone is refused in so many words. Nothing is answered in part: a list without a
 * campus that changes hands would look like a campus where nothing happens.
 */

import type { SocketClient } from "@campus-ops/service/socket-client";
import type { Role } from "@campus-ops/service/workers";
import { Response } from "undici";
import { mergedStream } from "./merged-stream.ts";

/** What it needs of the directory of workers. */
export interface Holders {
  client(role: Role, campus: string): SocketClient;
}

type Init = Parameters<SocketClient["fetch"]>[1];
type Answer = Awaited<ReturnType<SocketClient["fetch"]>>;

/** Lists: put together, the newest first by that field where order and number count. */
const LISTS: Readonly<Record<string, string | undefined>> = {
  "/alarms": "raisedAt",
  "/events": "eventTime",
  "/raisings": undefined,
  "/devices": undefined,
  "/nodes": undefined,
  "/rollups": undefined,
  "/drills": undefined,
  "/suppressions": undefined,
};

/** The same at every worker: it follows from the configuration. */
const SAME: ReadonlySet<string> = new Set(["/rules", "/packs", "/calendar", "/standards", "/retention"]);

/** Things that one campus has, by their id. */
const BY_ID = /^\/(alarms|drills|suppressions|commands)\/([^/?]+)/;

export function cityClient(holders: Holders, role: Role, campuses: readonly string[]): SocketClient {
  const of = (campus: string): SocketClient => holders.client(role, campus);
  const all = (path: string, init?: Init): Promise<readonly Answer[]> =>
    Promise.all(campuses.map((campus) => of(campus).fetch(path, init)));
  return {
    fetch: async (path, init) => {
      const url = new URL(path, "http://city");
      const { pathname, searchParams } = url;
      const isGet = (init?.method ?? "GET") === "GET";
      if (pathname === "/stream")
        return mergedStream(campuses, of, searchParams.get("after") ?? undefined, init?.signal ?? undefined);
      const campus = campusIn(campuses, url, init);
      if (campus !== undefined) return of(campus).fetch(path, init);
      if (isGet && Object.hasOwn(LISTS, pathname)) return listed(await all(path, init), url, LISTS[pathname]);
      if (isGet && pathname === "/healthz") return healthy(await all(path, init));
      const [first] = campuses;
      if (isGet && first !== undefined && (SAME.has(pathname) || pathname.startsWith("/rules/")))
        return of(first).fetch(path, init);
      const [, kind, id] = BY_ID.exec(pathname) ?? [];
      if (kind !== undefined && id !== undefined) return owned(kind, id, path, init);
      return refused(
        501,
        "Not with several workers",
        `${pathname} cannot be put together from several workers yet; choose one campus, see docs/scale-out.md`,
      );
    },
    close: async () => undefined,
  };

  /** Whoever knows the thing is asked. */
  async function owned(kind: string, id: string, path: string, init: Init): Promise<Answer> {
    if (kind === "suppressions") return firstOf(await all(path, init));
    const signal = init?.signal ?? null;
    for (const campus of campuses) {
      const known = await of(campus).fetch(`/${kind}/${id}`, { signal });
      await known.body?.cancel();
      if (known.ok) return of(campus).fetch(path, init);
    }
    return refused(404, "Not found", `no worker knows ${id}`);
  }
}

/** The campus that a request is about: asked for, in its path, or in its body as a device or a place. */
function campusIn(
  campuses: readonly string[],
  { pathname, searchParams }: URL,
  init: Init,
): string | undefined {
  const named = [searchParams.get("campus"), ...pathname.split("/"), ...placesIn(init)];
  const scope = searchParams.get("path") ?? searchParams.get("scope");
  if (scope !== null) named.push(...scope.split("/"));
  return campuses.find((campus) => named.includes(campus));
}

function placesIn(init: Init): readonly string[] {
  if (typeof init?.body !== "string") return [];
  const { device, path, scope } = JSON.parse(init.body) as Record<string, unknown>;
  return [device, path, scope].flatMap((each) => (typeof each === "string" ? each.split("/") : []));
}

async function listed(
  answers: readonly Answer[],
  { searchParams }: URL,
  newestBy: string | undefined,
): Promise<Answer> {
  const problem = answers.find(({ ok }) => !ok);
  if (problem !== undefined) return problem;
  const rows = (await Promise.all(answers.map((answer) => answer.json()))).flat() as Record<
    string,
    unknown
  >[];
  if (newestBy === undefined) return Response.json(rows);
  rows.sort((a, b) => Number(b[newestBy]) - Number(a[newestBy]));
  const limit = searchParams.get("limit");
  return Response.json(limit === null ? rows : rows.slice(0, Number(limit)));
}

async function healthy(answers: readonly Answer[]): Promise<Answer> {
  const said = (await Promise.all(answers.map((answer) => answer.json()))) as { readonly upTo?: number }[];
  const upTo = Math.min(...said.map((each) => each.upTo ?? 0));
  return Response.json({ upTo }, { status: answers.every(({ ok }) => ok) ? 200 : 503 });
}

function firstOf(answers: readonly Answer[]): Answer {
  return answers.find(({ ok }) => ok) ?? answers[0] ?? refused(404, "Not found", "no worker knows it");
}

const refused = (status: number, title: string, detail: string): Answer =>
  Response.json(
    { title, status, detail },
    { status, headers: { "content-type": "application/problem+json" } },
  );
