/** Asking the workers of several campuses, each for what is its own. An answer without one of them would be a wrong one. */
import { type AssetPath, isWithin } from "@campus-ops/device-profiles/vocabulary";
import { Problem } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";

/** A person waits, and has waited for as long already as whoever asks this. */
const ANSWER_MS_MAX = 9_000;
/** Campuses asked at the same time. */
const CAMPUSES_ASKED_MAX = 16;

export interface CityCampus {
  readonly id: string;
  readonly path: AssetPath;
}

export interface City {
  readonly campuses: readonly CityCampus[];
  /** Speaks to whoever holds the rules of a campus. */
  readonly client: (campus: string) => Pick<SocketClient, "fetch">;
}

/** Campuses of which something lies in one of these places, in the order of the site. "" is all of them. */
export function campusesIn({ campuses }: City, scopes: readonly string[]): readonly CityCampus[] {
  return campuses.filter(({ path }) =>
    scopes.some((scope) => isWithin(path, scope) || isWithin(scope, path)),
  );
}

/** The answers in the order of the campuses. Throws a {@link Problem}: what one of them refused, 503 where nobody answers. */
export async function askAll<T>(
  city: City,
  campuses: readonly CityCampus[],
  path: string,
): Promise<readonly [T, ...T[]]> {
  const answers: T[] = [];
  const waiting = [...campuses.entries()];
  const ask = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { id }] = next;
      answers[index] = await askOne<T>(city, id, path);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CAMPUSES_ASKED_MAX, campuses.length) }, ask));
  const [first, ...others] = answers;
  if (first === undefined)
    throw new Problem(404, "No such place", "no campus of this hub lies there", "本平台没有学校在那里");
  return [first, ...others];
}

/** Throws as {@link askAll} does. */
export async function askOne<T>(
  { client }: City,
  campus: string,
  path: string,
  body?: object,
  method = "POST",
): Promise<T> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const headers = { "content-type": "application/json" };
  const init = body === undefined ? { signal } : { signal, method, headers, body: JSON.stringify(body) };
  const answer = await client(campus)
    .fetch(path, init)
    .catch((error: unknown) => {
      throw new Problem(
        503,
        "A campus does not answer",
        `${campus}: ${String(error)}; ask again`,
        `学校 ${campus} 的数据暂时读不到，请稍后再试`,
      );
    });
  const text = await answer.text();
  if (answer.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  const { detail, said, title } = problemIn(text);
  const why = detail ?? `${campus} answers ${answer.status}`;
  throw new Problem(answer.status, title ?? "Refused", why, said?.zh ?? why);
}

interface Told {
  readonly title?: string;
  readonly detail?: string;
  readonly said?: { readonly zh: string };
}

function problemIn(text: string): Told {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return {};
  }
}
