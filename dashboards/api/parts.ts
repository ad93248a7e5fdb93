/** What the API is put together from: handed in by the composition root, used by the routes. */
import type { Site } from "@campus-ops/device-profiles/vocabulary";
import type { Log } from "@campus-ops/service";
import type { AuditEntry, AuditFrom } from "../audit/trail.ts";
import type { DeviceNoteStore } from "../device-notes/device-note-store.ts";
import type { PlanStore } from "../plans/plan-store.ts";
import type { RegionMapStore } from "../region-map/region-map-store.ts";
import type { RoomStore } from "../rooms/room-store.ts";
import type { WebhookDelivery } from "../webhooks/api.ts";
import type { Webhook, WebhookStore } from "../webhooks/webhook-store.ts";
import type { WorkOrderStore } from "../work-orders/work-order-store.ts";
import type { AccountParts } from "./account-access.ts";
import type { PlatformStatus } from "./api.ts";
import type { Authenticate, Identity } from "./identity.ts";
import type { LiveFeed } from "./live-feed.ts";
import type { CountPolicyReport } from "./policy-reports.ts";
import type { ReadableTrail } from "./routes/audit.ts";
import type { SiteSetting } from "./routes/site-setting.ts";
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
  /** How the site is changed in the console; absent where only the document of the API is made. */
  readonly siteSetting?: SiteSetting;
  readonly demonstration: boolean;
  /** How the demonstration is cleared away; absent in a hub that is none. */
  readonly clearing?: {
    /** What in the data folder is of a hub of somebody's own. */
    readonly ownHubTraces: () => readonly string[];
    /** Everything stops soon after. */
    readonly begin: () => void;
  };
  readonly authenticate: Authenticate;
  readonly feed: LiveFeed;
  /** Tells one run of the API from the next, for pages that resume. */
  readonly boot: string;
  readonly now: () => number;
  readonly log: Log;
  /**
   * The audit trail: who did what, after it was done. `user`, `action`, `path` (the place, where it has one) and `result`
   * (done unless said) are what it is searched by; the rest are details.
   */
  readonly audit: (entry: AuditEntry, from?: AuditFrom) => void;
  /** The audit trail to read in; absent where it is not kept here. */
  readonly trail?: ReadableTrail;
  /** Absent where only the document of the API is made. */
  readonly workOrders?: WorkOrderStore;
  readonly rooms?: RoomStore;
  readonly deviceNotes?: DeviceNoteStore;
  readonly plans?: PlanStore;
  readonly webhooks?: WebhookStore;
  readonly testWebhook?: (webhook: Webhook) => Promise<WebhookDelivery>;
  readonly regionMap?: RegionMapStore;
  /** Absent where access is not by accounts. */
  readonly accounts?: AccountParts;
  /** Proxies whose word is taken for where a request comes from. */
  readonly trustedProxies?: readonly string[];
  /** Certificate and key in PEM, where we speak TLS ourselves. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly status: () => PlatformStatus;
  /** Prometheus text of every process of the hub. */
  readonly metrics: () => Promise<string>;
  readonly countPolicyReport?: CountPolicyReport;
  /** Socket of the flows' process; absent where the hub runs none. */
  readonly flowEditor?: string;
  /** Folder of the built console; absent where only the API is served. */
  readonly console?: string;
}
