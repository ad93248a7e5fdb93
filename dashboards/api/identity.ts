/** Who is asking, and what of the asset tree they may see. */
import { createHash, timingSafeEqual } from "node:crypto";
import { type AssetPath, isWithin, type LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyRequest } from "fastify";
import { everyRoleAt, type Grant, type Permission, placesOf } from "../accounts/core/permissions.ts";
import { isLoopback } from "../configuration.ts";
import { ApiProblem } from "./problem.ts";

/** Who calls, before it is known what for. */
export interface Caller {
  /** Account name that actions are recorded under. */
  readonly user: string;
  readonly title: LocalText;
  readonly grants: readonly Grant[];
  /** The account that signed in, and the hash of its session; absent for the machine itself and for tokens. */
  readonly account?: number;
  readonly session?: string;
  /** Of a session: whether whoever signed in has proven lately to be there, by the password or at the provider. */
  readonly confirmed?: boolean;
  /** True until a first password is changed: nothing else can be done. */
  readonly mustChange?: boolean;
  /** True while one of the caller's roles asks for an authenticator app and there is none: nothing else can be done. */
  readonly mustEnrol?: boolean;
}

/** Who asks, and where in the asset tree the permission that the route declares is theirs. */
export interface Identity extends Caller {
  /** Where this route may be read or acted on, none within another; never empty; [""] is the whole hub. */
  readonly places: readonly (AssetPath | "")[];
}

/**
 * Answers who is asking; `again` is true for a request that goes on and is looked at once more, which counts for nothing. Throws
 * {@link ApiProblem} `not-signed-in`, `not-allowed` or `too-many`.
 */
export type Authenticate = (request: FastifyRequest, again?: boolean) => Caller;

/** True where the caller may do what the route is for, at `path`. Outside of that, a thing does not exist. */
export function sees({ places }: Pick<Identity, "places">, path: AssetPath | ""): boolean {
  return places.some((place) => isWithin(path, place));
}

/** True where the caller has another permission than the route's, at `path`. */
export function mayAt(
  { grants }: Pick<Caller, "grants">,
  permission: Permission,
  path: AssetPath | "",
): boolean {
  return placesOf(grants, permission).some((place) => isWithin(path, place));
}

/**
 * What of `asked` the caller sees, as one place: `asked` itself, or the caller's own place within it. Throws
 * {@link ApiProblem} `not-allowed`, and `bad-request` where there are several to choose from.
 */
export function narrowed(identity: Pick<Identity, "places">, asked: AssetPath | ""): AssetPath | "" {
  if (sees(identity, asked)) return asked;
  const [place, ...others] = identity.places.filter((each) => isWithin(each, asked));
  if (place === undefined) throw new ApiProblem("not-allowed");
  if (others.length === 0) return place;
  throw new ApiProblem("bad-request", {
    zh: "您负责多个场所，请选择其中一个",
    en: "you answer for several places: say which one",
  });
}

/** As {@link mayAt}; throws {@link ApiProblem} `not-allowed`. */
export function demand(caller: Pick<Caller, "grants">, permission: Permission, path: AssetPath | ""): void {
  if (!mayAt(caller, permission, path)) throw new ApiProblem("not-allowed");
}

/** What concerns every campus of the hub is the business of those who may see all of them. */
export function demandWholeHub({ places }: Pick<Identity, "places">): void {
  if (!places.includes("")) throw new ApiProblem("not-allowed");
}

/**
 * Whoever is on this machine is the operator. A page of somebody else's that a browser here has open must not be, so
 * the names by which we are called are checked too: a foreign name that resolves to 127.0.0.1 is refused (DNS
 * rebinding).
 */
export function loopbackAccess(): Authenticate {
  const caller: Caller = {
    user: "local",
    title: { zh: "本机值班员", en: "Operator at this machine" },
    grants: everyRoleAt(""),
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
    return caller;
  };
}

/** A bearer token, compared in constant time. */
export function tokenAccess(token: string): Authenticate {
  const expected = digest(token);
  const caller: Caller = {
    user: "token",
    title: { zh: "接口令牌", en: "API token" },
    grants: everyRoleAt(""),
  };
  return (request) => {
    const [scheme, given] = (request.headers.authorization ?? "").split(" ");
    if (
      scheme?.toLowerCase() !== "bearer" ||
      given === undefined ||
      !timingSafeEqual(digest(given), expected)
    ) {
      throw new ApiProblem("not-signed-in");
    }
    return caller;
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
