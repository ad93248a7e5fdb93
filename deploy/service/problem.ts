/** Errors over a hub's private HTTP, RFC 9457. The public API says them in the caller's language; see dashboards. */
import type { FastifyInstance } from "fastify";

/** Thrown by a route; answered as a problem with this status. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly title: string;
  /** What is told in English by the message: people come to read it. */
  readonly zh: string;
  constructor(status: number, title: string, detail: string, zh: string) {
    super(detail);
    this.status = status;
    this.title = title;
    this.zh = zh;
  }
}

/** `part` is whose log holds the details of an internal error, which are nobody's business but the operator's. */
export function answerWithProblems(server: FastifyInstance, part: string): void {
  const problem = (status: number, title: string, detail: string, zh: string) => ({
    type: "about:blank",
    title,
    status,
    detail,
    said: { zh, en: detail },
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error instanceof Problem ? error.status : (error.statusCode ?? 500);
    const internal = status >= 500;
    if (internal) request.log.error({ err: error }, "a request failed");
    const title = error instanceof Problem ? error.title : internal ? "Internal error" : "Bad request";
    const detail = internal && !(error instanceof Problem) ? `see the log of ${part}` : error.message;
    const zh =
      error instanceof Problem
        ? error.zh
        : internal
          ? `平台内部错误，见 ${part} 的日志`
          : `请求有误：${error.message}`;
    return reply
      .code(status)
      .type("application/problem+json")
      .send(problem(status, title, detail, zh));
  });
  server.setNotFoundHandler((request, reply) => {
    const body = problem(
      404,
      "Not found",
      `there is nothing at ${request.method} ${request.url}`,
      "这里没有这个地址",
    );
    return reply.code(404).type("application/problem+json").send(body);
  });
}
