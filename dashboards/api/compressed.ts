/** Long answers are sent compressed: a list of 20,000 devices is megabytes of the same words. */
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

const compress = promisify(gzip);
/** Below this the time costs more than the bytes. */
const COMPRESSED_BYTES_MIN = 16 * 1024;

/** For every text that the routes of `server` answer with from now on. Runs beside the event loop, not on it. */
export function compressAnswers(server: FastifyInstance): void {
  server.addHook("onSend", async (request, reply, payload) => {
    if (typeof payload !== "string" || payload.length < COMPRESSED_BYTES_MIN) return payload;
    reply.header("vary", "accept-encoding");
    if (!/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) return payload;
    const small = await compress(payload, { level: constants.Z_BEST_SPEED });
    reply.header("content-encoding", "gzip");
    reply.removeHeader("content-length");
    return small;
  });
}
