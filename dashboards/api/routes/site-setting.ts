/**
 * The names and the tree of city, counties and campuses, as people change them. All parts of the hub go by it: each looks at
 * the change before it is written, and all begin again with it. Boxes that enrol are told of it at once.
 */
import { SITE_SCHEMA, type Site } from "@campus-ops/device-profiles/vocabulary";
import type { NodeView } from "@campus-ops/ingest/api";
import type { SettingAnswer, SettingProblem, SettingView } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import { siteChanges, siteProblems } from "../../site/core/site-change.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { boolean, object } from "../schemas.ts";
import { answer, setting } from "../setting-schemas.ts";
import { getJson, postJson, sendJson } from "../upstream.ts";

const URL = "/settings/site";
const BODY_BYTES_MAX = 2 * 1024 * 1024;

export interface SiteSetting {
  /** As the hub's file has it. */
  readonly ofFile: () => Site;
  /** A hub above knows this one by its place. */
  readonly reportsAbove: boolean;
  /** Has this process begin again, after the answer is on its way. */
  readonly restart: () => void;
}

interface Change {
  readonly value: Site;
  readonly version: string;
  readonly check?: boolean;
}

export function siteSettingRoutes(server: FastifyInstance, parts: ApiParts): void {
  const { audit, log, site, siteSetting, upstreams } = parts;
  const tags = ["settings"];
  const config = { permission: "settings.write" } as const;
  const version = { type: "string", minLength: 1, maxLength: 64 } as const;
  const began = new WeakSet<object>();
  // After the answer: whoever asked is told before the process goes.
  server.addHook("onResponse", async (request) => {
    if (began.has(request)) siteSetting?.restart();
  });

  server.get(
    URL,
    { config, schema: { tags, response: { 200: setting } } },
    async ({ identity }): Promise<SettingView> => {
      demandWholeHub(identity);
      return getJson(upstreams.rules, URL);
    },
  );

  server.put<{ Body: Change }>(
    URL,
    {
      config: { ...config, writes: false },
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        tags,
        body: object({ value: SITE_SCHEMA, version, check: boolean }, ["check"]),
        response: { 200: answer },
      },
    },
    async (request): Promise<SettingAnswer> => {
      demandWholeHub(request.identity);
      const { body } = request;
      const { user } = request.identity;
      const problems = await problemsOf(body.value);
      if (problems.length > 0) return refused(problems);
      const asked = { ...body, by: user };
      // Nothing is written before every part can go on with it.
      const looked = await sendJson<SettingAnswer>(upstreams.ingest, URL, "PUT", { ...asked, check: true });
      if (looked.problems.length > 0 || body.check === true) return looked;
      return begin(user, request, body.value, () =>
        sendJson<SettingAnswer>(upstreams.rules, URL, "PUT", asked),
      );
    },
  );

  server.delete<{ Querystring: { version: string } }>(
    URL,
    {
      config: { ...config, writes: false },
      schema: { tags, querystring: object({ version }), response: { 200: answer } },
    },
    async (request): Promise<SettingAnswer> => {
      demandWholeHub(request.identity);
      const next = kept().ofFile();
      const problems = await problemsOf(next);
      if (problems.length > 0) return refused(problems);
      return begin(request.identity.user, request, next, () =>
        sendJson(upstreams.rules, URL, "DELETE", request.query),
      );
    },
  );

  async function problemsOf(next: Site): Promise<readonly SettingProblem[]> {
    const { reportsAbove } = kept();
    // A device comes by a box: where a device was heard of, its box was.
    const nodes = await getJson<readonly NodeView[]>(upstreams.ingest, "/nodes");
    const inUse = new Set(nodes.map(({ campus }) => campus));
    return siteProblems(next, { site, inUse, reportsAbove });
  }

  /** Written down with what was there before; then the others begin again too. */
  async function begin(
    user: string,
    request: object,
    next: Site,
    write: () => Promise<SettingAnswer>,
  ): Promise<SettingAnswer> {
    const told = await write();
    if (!told.saved) return told;
    audit({ user, action: "setting.site", source: told.setting.source, ...siteChanges(site, next) });
    // One that is away reads it when it comes back.
    await postJson(upstreams.ingest, "/restart", {}).catch((error: unknown) =>
      log.warn({ err: error }, "ingest could not be told of the changed site; it reads it at its next start"),
    );
    began.add(request);
    return told;
  }

  async function refused(problems: readonly SettingProblem[]): Promise<SettingAnswer> {
    return { saved: false, problems, setting: await getJson<SettingView>(upstreams.rules, URL) };
  }

  function kept(): SiteSetting {
    if (siteSetting === undefined) throw new ApiProblem("not-found");
    return siteSetting;
  }
}
