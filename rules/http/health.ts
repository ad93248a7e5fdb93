/** GET /healthz → { status, ailments, seq, upTo }; 503 while something keeps alarms from being kept and shown. */
import type { FastifyInstance } from "fastify";
import type { Follower } from "../feed/follower.ts";

export function healthRoute(
  server: FastifyInstance,
  { follower }: { readonly follower: Pick<Follower, "isHeld" | "receivedAt" | "seq"> },
): void {
  server.get("/healthz", (_request, reply) => {
    const ailments = follower.isHeld
      ? [
          "the disk under rules.sqlite is full: no new alarm is shown until there is room; the journal keeps what comes",
        ]
      : [];
    const { receivedAt, seq } = follower;
    const isWell = ailments.length === 0;
    return reply
      .code(isWell ? 200 : 503)
      .send({ status: isWell ? "ok" : "unwell", ailments, seq, upTo: receivedAt });
  });
}
