/** Who is asking, and what of the asset tree they may see. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { AssetPath, LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyRequest } from "fastify";
import { isLoopback } from "../configuration.ts";
import { ApiProblem } from "./problem.ts";

export interface Identity {
  /** Account name that actions are recorded under. */
  readonly user: string;
  readonly title: LocalText;
  /** What is at or below this path may be read and acted on; "" is everything. */
  readonly scope: AssetPath | "";
}

/** Answers who is asking. Throws {@link ApiProblem} `not-signed-in` or `not-allowed`. */
export type Authenticate = (request: FastifyRequest) => Identity;

/**
 * Whoever is on this machine is the operator. A page of somebody else's that a browser here has open must not be, so
 * the names by which we are called are checked too: a foreign name that resolves to 127.0.0.1 is refused (DNS
 * rebinding).
 */
export function loopbackAccess(): Authenticate {
  const identity: Identity = {
    user: "local",
    title: { zh: "本机值班员", en: "Operator at this machine" },
    scope: "",
  };
  return (request) => {
    if (
      !isLoopback(request.socket.remoteAddress ?? "") ||
      !isLoopback(hostName(request.headers.host ?? ""))
    ) {
      throw new ApiProblem("not-allowed", {
        zh: "此平台只接受本机访问；要从其他机器访问，请在配置中设置 dashboards.access",
        en: "this hub answers this machine alone; to reach it from others, set dashboards.access in its configuration",
      });
    }
    return identity;
  };
}

/** A bearer token, compared in constant time. */
export function tokenAccess(token: string): Authenticate {
  const expected = digest(token);
  const identity: Identity = { user: "token", title: { zh: "接口令牌", en: "API token" }, scope: "" };
  return (request) => {
    const [scheme, given] = (request.headers.authorization ?? "").split(" ");
    if (
      scheme?.toLowerCase() !== "bearer" ||
      given === undefined ||
      !timingSafeEqual(digest(given), expected)
    ) {
      throw new ApiProblem("not-signed-in");
    }
    return identity;
  };
}

/**
 * A write that another site's page made a browser send is refused: where the browser says which page asked, it has to
 * be one of ours.
 */
export function refuseForeignWrites(request: Pick<FastifyRequest, "method" | "headers">): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host) {
    throw new ApiProblem("not-allowed", {
      zh: "请求来自其他网站的页面",
      en: "the request comes from another site's page",
    });
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function hostName(host: string): string {
  return (URL.parse(`http://${host}`)?.hostname ?? "").replace(/^\[|\]$/g, "");
}
