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
  const problem = (status: number, title: string, detail: string) => ({
    type: "about:blank",
    title,
    status,
    detail,
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof Problem ? error.status : (error.statusCode ?? 500);
    if (status >= 500) request.log.error({ err: error }, "a request failed");
    const title = error instanceof Problem ? error.title : status >= 500 ? "Internal error" : "Bad request";
    const detail = status >= 500 && !(error instanceof Problem) ? "see the log of ingest" : error.message;
    reply
      .code(status)
      .type("application/problem+json")
      .send(problem(status, title, detail));
  });
  server.setNotFoundHandler((request, reply) => {
    const body = problem(404, "Not found", `there is nothing at ${request.method} ${request.url}`);
    reply.code(404).type("application/problem+json").send(body);
  });
}
