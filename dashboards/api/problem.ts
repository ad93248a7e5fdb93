/** Errors as RFC 9457 problems, in the caller's language. */
import type { Language, LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Every problem the API answers with: its status, and what to tell the person. The OpenAPI document lists them. */
export const PROBLEMS = {
  "not-found": { status: 404, title: { zh: "没有找到", en: "Not found" } },
  "bad-request": { status: 400, title: { zh: "请求有误", en: "The request is not right" } },
  "not-signed-in": { status: 401, title: { zh: "请先登录", en: "Sign in first" } },
  "not-allowed": { status: 403, title: { zh: "没有权限", en: "Not allowed" } },
  "confirm-first": {
    status: 403,
    title: { zh: "请先确认是您本人", en: "Confirm first that it is you" },
  },
  conflict: { status: 409, title: { zh: "当前状态下不能这样操作", en: "Not possible in this state" } },
  "too-many": { status: 429, title: { zh: "请求过于频繁", en: "Too many requests" } },
  "too-large": { status: 413, title: { zh: "请求过大", en: "The request is too large" } },
  "part-away": {
    status: 503,
    title: {
      zh: "平台的一部分暂时不可用，数据没有丢失，请稍后再试",
      en: "A part of the platform is away; nothing is lost, try again shortly",
    },
  },
  internal: {
    status: 500,
    title: { zh: "平台内部错误，已记录", en: "An internal error; it has been logged" },
  },
} as const satisfies Record<string, { status: number; title: LocalText }>;

/** A problem in the OpenAPI document (RFC 9457), and that every operation may answer one. */
export const problemSchema = {
  $id: "Problem",
  type: "object",
  required: ["type", "title", "status"],
  properties: {
    type: { enum: Object.keys(PROBLEMS).map((kind) => `urn:campus-ops:problem:${kind}`) },
    title: { type: "string", description: "in the language of `Accept-Language`, as is `detail`" },
    status: { type: "integer" },
    detail: { type: "string" },
  },
} as const;
export const PROBLEM_ANSWER = {
  default: {
    description: "it could not be done",
    content: { "application/problem+json": { schema: { $ref: "Problem#" } } },
  },
} as const;

export type ProblemKind = keyof typeof PROBLEMS;

/** Thrown by routes; answered as a problem. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly kind: ProblemKind;
  readonly detail: LocalText | undefined;
  /** When to ask again; the header of that name (RFC 9110, 10.2.3). */
  readonly retryAfter_s: number | undefined;
  constructor(kind: ProblemKind, detail?: LocalText, retryAfter_s?: number) {
    super(detail?.en ?? PROBLEMS[kind].title.en);
    this.kind = kind;
    this.detail = detail;
    this.retryAfter_s = retryAfter_s;
  }
}

/** Chinese unless the caller prefers English. */
export function languageOf(request: FastifyRequest): Language {
  const header = request.headers["accept-language"] ?? "";
  const zh = header.search(/\bzh\b/i);
  const en = header.search(/\ben\b/i);
  return en >= 0 && (zh < 0 || en < zh) ? "en" : "zh";
}

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  kind: ProblemKind,
  detail?: LocalText,
): FastifyReply {
  const language = languageOf(request);
  const { status, title } = PROBLEMS[kind];
  return reply
    .code(status)
    .type("application/problem+json")
    .send({
      type: `urn:campus-ops:problem:${kind}`,
      title: title[language],
      status,
      ...(detail === undefined ? {} : { detail: detail[language] }),
    });
}
