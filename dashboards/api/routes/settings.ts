/**
 * What people change of the hub's configuration. Each setting is answered for by the part that it is about: it checks the
 * whole configuration with the change in it, writes it down, and begins again with it.
 */
import type { RetentionLoss, RetentionView } from "@campus-ops/ingest/api";
import type { AlarmRetentionView, CalendarChange } from "@campus-ops/rules/api";
import type { SettingAnswer, SettingName, SettingView } from "@campus-ops/service";
import type { SocketClient } from "@campus-ops/service/socket-client";
import type { FastifyInstance } from "fastify";
import type { Permission } from "../../accounts/core/permissions.ts";
import type { KeptView } from "../api.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { array, boolean, number, object, string, timestamp } from "../schemas.ts";
import { answer, anything, setting } from "../setting-schemas.ts";
import { getJson, postJson, sendJson, type Upstreams } from "../upstream.ts";
import { siteSettingRoutes } from "./site-setting.ts";

/** As much as a part takes: timetables and calendars come along. */
const BODY_BYTES_MAX = 8 * 1024 * 1024;

interface Kept {
  readonly name: SettingName;
  readonly part: keyof Upstreams;
  readonly permission: Permission;
  /** True where data leaves the platform by it: changing it asks whether it is still the same person. */
  readonly leaves?: true;
}

const KEPT: readonly Kept[] = [
  { name: "notify", part: "rules", permission: "settings.write", leaves: true },
  { name: "calendar", part: "rules", permission: "rules.write" },
  { name: "timetable", part: "rules", permission: "rules.write" },
  { name: "retention", part: "ingest", permission: "settings.write" },
  { name: "backup", part: "backup", permission: "settings.write", leaves: true },
];

const version = { type: "string", minLength: 1, maxLength: 64 } as const;
const files = {
  type: "object",
  maxProperties: 40,
  additionalProperties: string,
  description: "texts that the value names as settings:<name>: secrets, calendars, timetables",
} as const;
const changed = object({ value: anything, files, version, check: boolean }, ["files", "check"]);
const days = array(object({ from: string, to: string, school: boolean }));

const losses = array(
  object({ what: string, before: timestamp, count: number, unit: { enum: ["events", "pictures", "days"] } }),
);

const kept = object({
  kept: array(object({ what: string, days: number })),
  removals: array(
    object({
      at: timestamp,
      what: string,
      before: timestamp,
      count: number,
      unit: { enum: ["points", "series", "events", "pictures", "alarms", "actions"] },
    }),
  ),
});

interface Change {
  readonly value: unknown;
  readonly files?: Readonly<Record<string, string>>;
  readonly version: string;
  readonly check?: boolean;
}

export function settingRoutes(server: FastifyInstance, parts: ApiParts): void {
  const { audit, upstreams } = parts;
  const tags = ["settings"];
  siteSettingRoutes(server, parts);
  for (const { leaves, name, part, permission } of KEPT) {
    const url = `/settings/${name}`;
    const config = { permission } as const;
    const change = { ...config, writes: false, ...(leaves === true && { confirmed: leaves }) } as const;

    server.get(
      url,
      { config, schema: { tags, response: { 200: setting } } },
      async ({ identity }): Promise<SettingView> => {
        demandWholeHub(identity);
        return getJson(upstreams[part], url);
      },
    );

    server.put<{ Body: Change }>(
      url,
      {
        config: change,
        bodyLimit: BODY_BYTES_MAX,
        schema: { tags, body: changed, response: { 200: answer } },
      },
      async ({ body, identity }): Promise<SettingAnswer> => {
        demandWholeHub(identity);
        const { user } = identity;
        const write = () => sendJson<SettingAnswer>(upstreams[part], url, "PUT", { ...body, by: user });
        return written(upstreams[part], user, name, write, Object.keys(body.files ?? {}));
      },
    );

    server.delete<{ Querystring: { version: string } }>(
      url,
      {
        config: change,
        schema: { tags, querystring: object({ version }), response: { 200: answer } },
      },
      async ({ identity, query }): Promise<SettingAnswer> => {
        demandWholeHub(identity);
        const { user } = identity;
        const reset = () => sendJson<SettingAnswer>(upstreams[part], url, "DELETE", query);
        return written(upstreams[part], user, name, reset, []);
      },
    );
  }

  server.post<{ Body: { readonly value: unknown; readonly files?: Readonly<Record<string, string>> } }>(
    "/settings/calendar/preview",
    {
      config: { permission: "rules.write", writes: false },
      bodyLimit: BODY_BYTES_MAX,
      schema: { tags, body: object({ value: anything, files }, ["files"]), response: { 200: days } },
    },
    async ({ body, identity }): Promise<readonly CalendarChange[]> => {
      demandWholeHub(identity);
      return postJson(upstreams.rules, "/settings/calendar/preview", body);
    },
  );

  server.post<{ Body: { readonly value: unknown } }>(
    "/settings/retention/preview",
    {
      config: { permission: "settings.write", writes: false },
      schema: { tags, body: object({ value: anything }), response: { 200: losses } },
    },
    async ({ body, identity }): Promise<readonly RetentionLoss[]> => {
      demandWholeHub(identity);
      return postJson(upstreams.ingest, "/settings/retention/preview", body);
    },
  );

  server.get(
    "/retention",
    { config: { permission: "settings.write" }, schema: { tags, response: { 200: kept } } },
    async ({ identity }): Promise<KeptView> => {
      demandWholeHub(identity);
      const [data, alarms] = await Promise.all([
        getJson<RetentionView>(upstreams.ingest, "/retention"),
        getJson<AlarmRetentionView>(upstreams.rules, "/retention"),
      ]);
      const removals = [
        ...data.removals,
        ...alarms.removals.map((removal) => ({ ...removal, unit: removal.what })),
      ];
      return { kept: [...data.kept, ...alarms.kept], removals: removals.sort((a, b) => b.at - a.at) };
    },
  );

  /** Written down with what was there before; secrets are no part of it. */
  async function written(
    part: SocketClient,
    user: string,
    name: SettingName,
    work: () => Promise<SettingAnswer>,
    brought: readonly string[],
  ): Promise<SettingAnswer> {
    const before = await getJson<SettingView>(part, `/settings/${name}`);
    const told = await work();
    if (told.saved) {
      const { source, value } = told.setting;
      audit({
        user,
        action: `setting.${name}`,
        source,
        before: before.value,
        after: value,
        ...(brought.length === 0 ? {} : { files: brought }),
      });
    }
    return told;
  }
}
