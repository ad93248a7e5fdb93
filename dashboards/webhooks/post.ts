/** One POST of a webhook: no redirect is followed, and nothing of the answer is read but its status. */
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { literalAddress, lookupWithin, type MayReach, RefusedAddressError } from "./reach.ts";

export interface Posted {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly mayReach: MayReach;
}

/** Resolves with the status. Rejects where nothing was answered, or with a {@link RefusedAddressError}. */
export async function post({ body, headers, mayReach, signal, ...to }: Posted): Promise<number> {
  const url = new URL(to.url);
  const literal = literalAddress(url);
  if (literal !== undefined && !mayReach(literal)) throw new RefusedAddressError(literal);
  const request = url.protocol === "https:" ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        lookup: lookupWithin(mayReach),
        // A connection of its own: one that is kept was looked up for another message.
        agent: false,
        signal,
      },
      (answer) => {
        resolve(answer.statusCode ?? 0);
        answer.destroy();
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
}
