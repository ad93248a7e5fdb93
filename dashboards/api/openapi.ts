/** The OpenAPI document by itself, as `GET /api/v1/openapi.json` answers it, for the reference in the documentation. */
import { createLog } from "@campus-ops/service";
import { LiveFeed } from "./live-feed.ts";
import { createServer } from "./server.ts";
import type { Upstreams } from "./upstream.ts";

export async function openApiDocument(): Promise<object> {
  const nobody: Upstreams["ingest"] = {
    fetch: () => Promise.reject(new Error("the document is made without any part behind it")),
    close: async () => undefined,
  };
  const title = { zh: "", en: "" };
  const server = await createServer({
    upstreams: { ingest: nobody, rules: nobody, enrolment: nobody, backup: nobody },
    site: { city: { code: "000000", title }, counties: [] },
    demonstration: false,
    authenticate: () => ({ user: "", title, grants: [] }),
    feed: new LiveFeed(() => undefined),
    boot: "",
    now: () => 0,
    log: createLog("openapi", "silent"),
    audit: () => undefined,
    status: () => ({ at: 0, ingest: false, rules: false }),
    metrics: async () => "",
  });
  await server.ready();
  const document = server.swagger();
  await server.close();
  return document;
}
