/** Errors over HTTP, RFC 9457. */
import type { FastifyInstance } from "fastify";

export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

export function answerWithProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof Problem ? error.status : (error.statusCode ?? 500);
    if (status >= 500) request.log.error({ err: error }, "a request failed");
    const title = error instanceof Problem ? error.title : status >= 500 ? "Internal error" : "Bad request";
    const detail = status >= 500 && !(error instanceof Problem) ? "see the log of rules" : error.message;
    return reply
      .code(status)
      .type("application/problem+json")
      .send({ type: "about:blank", title, status, detail });
  });
  server.setNotFoundHandler((request, reply) => {
    const detail = `there is nothing at ${request.method} ${request.url}`;
    return reply
      .code(404)
      .type("application/problem+json")
      .send({ type: "about:blank", title: "Not found", status: 404, detail });
  });
}
