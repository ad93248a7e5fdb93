/** What the API is put together from: handed in by the composition root, used by the routes. */
import type { Site } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { PlatformStatus } from "./api.ts";
import type { Authenticate, Identity } from "./identity.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { Upstreams } from "./upstream.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set before any route runs. */
    identity: Identity;
  }
}

export interface ApiParts {
  readonly upstreams: Upstreams;
  readonly site: Site;
  readonly demonstration: boolean;
  readonly authenticate: Authenticate;
  readonly feed: LiveFeed;
  /** Tells one run of the API from the next, for pages that resume. */
  readonly boot: string;
  readonly now: () => number;
  readonly log: Log;
  /** The audit trail: who did what, after it was done. */
  readonly audit: (entry: Readonly<Record<string, unknown>>) => void;
  readonly status: () => PlatformStatus;
  /** Prometheus text of every process of the hub. */
  readonly metrics: () => Promise<string>;
  /** Socket of the flows' process; absent where the hub runs none. */
  readonly flowEditor?: string;
  /** Folder of the built console; absent where only the API is served. */
  readonly console?: string;
}
