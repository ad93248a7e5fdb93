/** Questions to ingest whose answers are not vital: what it does not answer is not known, and said in the log. */
import type { Log } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";

/** A person waits. */
const ANSWER_MS_MAX = 5_000;

/** JSON of the answer; undefined when ingest is away or refuses. With a body it is posted. */
export type AskIngest = (path: string, body?: object) => Promise<unknown>;

export function askIngest(ingest: Pick<SocketClient, "fetch">, log: Log): AskIngest {
  return async (path, body) => {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const headers = { "content-type": "application/json" };
    const init =
      body === undefined ? { signal } : { signal, method: "POST", headers, body: JSON.stringify(body) };
    try {
      const answer = await ingest.fetch(path, init);
      if (answer.ok) return await answer.json();
      log.warn(
        { path, status: answer.status },
        "ingest refuses what figures ask for: it counts as not known",
      );
    } catch (error) {
      log.warn({ path, err: error }, "ingest does not answer what figures ask for: it counts as not known");
    }
    return undefined;
  };
}
