/**
 * Entity tags (RFC 9110, 8.8.3): whoever asks again and again for a list says which one they have, and is told in a few
 * bytes that it still is. The work of answering is done all the same; what is saved is the way.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** Enough that two lists are never taken for one. */
const TAG_CHARACTERS = 27;

/** For every JSON that the GET routes of `server` answer with from now on. Comes before compression: one list has one tag. */
export function tagAnswers(server: FastifyInstance): void {
  server.addHook("onSend", async (request, reply, payload) => {
    const isJson = String(reply.getHeader("content-type") ?? "").startsWith("application/json");
    if (request.method !== "GET" || reply.statusCode !== 200 || !isJson || typeof payload !== "string")
      return payload;
    const tag = `W/"${createHash("sha256").update(payload).digest("base64url").slice(0, TAG_CHARACTERS)}"`;
    reply.header("etag", tag);
    if (!has(request.headers["if-none-match"], tag)) return payload;
    reply.code(304).removeHeader("content-type").removeHeader("content-length");
    return "";
  });
}

/** Weak comparison (8.8.3.2); `*` is whatever there is. */
function has(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const bare = (each: string): string => each.trim().replace(/^W\//, "");
  return header.split(",").some((each) => each.trim() === "*" || bare(each) === bare(tag));
}
