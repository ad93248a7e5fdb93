/** Errors over a hub's private HTTP, RFC 9457. The public API says them in the caller's language; see dashboards. */
import type { FastifyInstance } from "fastify";

/** Thrown by a route; answered as a problem with this status. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  /** What is told in English by the message, where a person may come to read it. */
  readonly zh: string | undefined;
  constructor(status: number, title: string, detail: string, zh?: string) {
    super(detail);
    this.status = status;
    this.title = title;
    this.zh = zh;
  }
}

/** `part` is whose log holds the details of an internal error, which are nobody's business but the operator's. */
export function answerWithProblems(server: FastifyInstance, part: string): void {
  const problem = (status: number, title: string, detail: string) => ({
    type: "about:blank",
    title,
    status,
    detail,
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof Problem ? error.status : (error.statusCode ?? 500);
    const internal = status >= 500;
    if (internal) request.log.error({ err: error }, "a request failed");
    const title = error instanceof Problem ? error.title : internal ? "Internal error" : "Bad request";
    const detail = internal && !(error instanceof Problem) ? `see the log of ${part}` : error.message;
    return reply
      .code(status)
      .type("application/problem+json")
      .send({
        ...problem(status, title, detail),
        ...(error instanceof Problem && error.zh !== undefined ? { said: { zh: error.zh, en: detail } } : {}),
      });
  });
  server.setNotFoundHandler((request, reply) => {
    const body = problem(404, "Not found", `there is nothing at ${request.method} ${request.url}`);
    return reply.code(404).type("application/problem+json").send(body);
  });
}
