/**
 * What browsers tell when a page of ours would have broken its content security policy (CSP Level 3, section 5): somebody's
 * markup that came through after all, or a mistake of ours. Anybody can send such a report, so few are read, little of each
 * is kept, and none of it is believed: it goes into the log, without queries of addresses, and is counted.
 */
import type { Log } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import { RateLimit } from "../accounts/core/rate-limit.ts";
import type { ApiParts } from "./parts.ts";
import { guard } from "./permission.ts";
import { ApiProblem } from "./problem.ts";

export const POLICY_REPORTS_PATH = "/csp-reports";
/** Named by `report-to`; browsers that do not know it go by `report-uri`. */
export const POLICY_ENDPOINT = "csp";

const REPORT_BODY_BYTES_MAX = 16 * 1024;
export const REPORTS_MAX = 20;
const ADDRESS_CHARACTERS_MAX = 200;
/** One page that is wrong reports each of its parts, and then is loaded again. */
const CALLER_RATE = { burst: 20, perSecond: 0.2 } as const;
const EVERYBODY_RATE = { burst: 100, perSecond: 1 } as const;

/** Names that the counter may have; a report with another one is counted as `other`. */
const DIRECTIVES: ReadonlySet<string> = new Set([
  "default-src",
  "script-src",
  "script-src-elem",
  "script-src-attr",
  "style-src",
  "style-src-elem",
  "style-src-attr",
  "img-src",
  "media-src",
  "font-src",
  "connect-src",
  "object-src",
  "frame-src",
  "worker-src",
  "manifest-src",
  "base-uri",
  "form-action",
  "frame-ancestors",
]);

export interface PolicyReport {
  readonly directive: string;
  /** The page, what it wanted and where that stood; of addresses neither query nor fragment. */
  readonly page: string;
  readonly blocked: string;
  readonly source: string;
  readonly line: number | undefined;
}

/** How reports are counted; `not-read`: there were too many of them, or they could not be read. */
export type CountPolicyReport = (labels: {
  readonly directive: string;
  readonly result: "logged" | "not-read";
}) => void;

/** Takes the reports of every page that `server` gives out, and has every answer say where they go. */
export async function policyReports(
  server: FastifyInstance,
  { authenticate, log, now, countPolicyReport = () => undefined }: ApiParts,
): Promise<void> {
  const callers = new RateLimit(CALLER_RATE);
  const everybody = new RateLimit(EVERYBODY_RATE);
  server.addHook("onRequest", async (_request, reply) => {
    reply.header("reporting-endpoints", `${POLICY_ENDPOINT}="${POLICY_REPORTS_PATH}"`);
  });
  await server.register(async (open) => {
    guard(open, authenticate);
    open.removeAllContentTypeParsers();
    open.addContentTypeParser(
      ["application/csp-report", "application/reports+json"],
      { parseAs: "string", bodyLimit: REPORT_BODY_BYTES_MAX },
      open.getDefaultJsonParser("error", "error"),
    );
    open.addHook("onRequest", async ({ ip }) => {
      if (callers.take(ip, now()) && everybody.take("", now())) return;
      countPolicyReport({ directive: "other", result: "not-read" });
      throw new ApiProblem("too-many", {
        zh: "安全策略报告过多，已计数，未逐条记录",
        en: "too many reports; they are counted, and not written down one by one",
      });
    });
    open.post(
      POLICY_REPORTS_PATH,
      { config: { permission: "anyone" }, bodyLimit: REPORT_BODY_BYTES_MAX, schema: { hide: true } },
      async ({ body }, reply) => {
        const reports = readPolicyReports(body);
        if (reports.length === 0) countPolicyReport({ directive: "other", result: "not-read" });
        for (const report of reports) tell(report, log, countPolicyReport);
        return reply.code(204).send();
      },
    );
  });
}

function tell(report: PolicyReport, log: Log, count: CountPolicyReport): void {
  log.warn(report, "a browser says that a page would have broken the content security policy");
  count({ directive: report.directive, result: "logged" });
}

/** In either form, of `report-uri` (CSP 2) and of the Reporting API; what is not one is left out. */
export function readPolicyReports(body: unknown): readonly PolicyReport[] {
  const told = Array.isArray(body)
    ? body.slice(0, REPORTS_MAX).map((each) => (fieldOf(each, "type") === "csp-violation" ? each : undefined))
    : [{ body: fieldOf(body, "csp-report") }];
  return told
    .map((each) => fieldOf(each, "body"))
    .flatMap((each) => (isRecord(each) ? [reportOf(each)] : []));
}

function reportOf(fields: Readonly<Record<string, unknown>>): PolicyReport {
  const first = (...names: readonly string[]): unknown =>
    names.map((name) => fieldOf(fields, name)).find((value) => value !== undefined);
  // CSP 2 gives the whole of the directive, its sources too.
  const [directive = ""] = String(
    first("effectiveDirective", "effective-directive", "violated-directive"),
  ).split(" ", 1);
  const line = first("lineNumber", "line-number");
  return {
    directive: DIRECTIVES.has(directive) ? directive : "other",
    page: addressOf(first("documentURL", "document-uri")),
    blocked: addressOf(first("blockedURL", "blocked-uri")),
    source: addressOf(first("sourceFile", "source-file")),
    line: Number.isSafeInteger(line) ? Number(line) : undefined,
  };
}

/** Where something is, without what is secret in an address; of what is none (`inline`, `data:`) the kind. */
function addressOf(value: unknown): string {
  if (typeof value !== "string") return "";
  const url = URL.parse(value);
  if (url?.protocol === "https:" || url?.protocol === "http:")
    return `${url.origin}${url.pathname}`.slice(0, ADDRESS_CHARACTERS_MAX);
  return /^[a-z-]{1,30}(?=:|$)/.exec(value)?.[0] ?? "other";
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
