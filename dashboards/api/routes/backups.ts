/** Backups: how the last one went, what lies where, one made now, and how a hub is put back from one. */
import type { FastifyInstance } from "fastify";
import type { BackupPlaces, BackupState, BackupsView } from "../../backups/api.ts";
import { BEGUN, fileOf } from "../contents.ts";
import { demandWholeHub } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem } from "../problem.ts";
import { array, boolean, number, object, string, timestamp } from "../schemas.ts";
import { getJson, postJson } from "../upstream.ts";

const place = object({ name: string, backups: array(string), problem: string }, ["problem"]);
const view = object(
  {
    configured: boolean,
    provenAt: timestamp,
    failedAt: timestamp,
    reason: string,
    running: boolean,
    at: string,
    keep: object({ last: number, months: number }),
    recipients: array(string),
    places: array(place),
  },
  ["provenAt", "failedAt", "reason", "running", "at", "keep", "recipients", "places"],
);

export function backupRoutes(server: FastifyInstance, { audit, site, upstreams }: ApiParts): void {
  const { backup } = upstreams;
  const config = { permission: "settings.write" } as const;
  const tags = ["settings"];

  server.get(
    "/backups",
    { config, schema: { tags, response: { 200: view } } },
    async ({ identity }): Promise<BackupsView> => {
      demandWholeHub(identity);
      return look();
    },
  );

  server.post("/backups", { config, schema: { tags, response: BEGUN } }, async ({ identity }, reply) => {
    demandWholeHub(identity);
    await postJson(backup, "/begin", {});
    audit({ user: identity.user, action: "backup.begin" });
    return reply.code(202).send();
  });

  server.get(
    "/backups/recipe",
    { config, schema: { tags, response: fileOf("text/plain") } },
    async ({ identity }, reply) => {
      demandWholeHub(identity);
      return reply
        .type("text/plain; charset=utf-8")
        .header("content-disposition", 'attachment; filename="campus-ops-restore.txt"')
        .send(recipe(site.city.title, await look()));
    },
  );

  async function look(): Promise<BackupsView> {
    try {
      const state = await getJson<BackupState>(backup, "/healthz");
      if (!state.configured) return { configured: false };
      return { ...state, ...(await postJson<BackupPlaces>(backup, "/list", {})) };
    } catch (error) {
      if (error instanceof ApiProblem && error.kind === "part-away") return { configured: false };
      throw error;
    }
  }
}

/** For the day on which there is no hub to ask: on paper, beside the key. */
function recipe(
  hub: { readonly zh: string; readonly en: string },
  { places = [], recipients = [] }: BackupsView,
): string {
  const newest = places.flatMap(({ backups }) => backups.slice(0, 1))[0] ?? "campus-ops-….tar.zst.age";
  return [
    `${hub.zh} / ${hub.en}`,
    "",
    "平台丢失后，在另一台装好 campus-ops 的机器上恢复。需要两样东西：一个备份文件，和保存在平台之外的密钥文件。",
    "To put the hub back on another machine with campus-ops on it, two things are needed: a backup, and the key that was kept away from the hub.",
    "",
    "备份在 / backups are at:",
    ...places.map(({ backups, name }) => `  ${name}  ${backups[0] ?? ""}`),
    "",
    "密钥对应的公钥 / the key is the one of:",
    ...recipients.map((each) => `  ${each}`),
    "",
    `  CAMPUS_OPS_DATA=/var/lib/campus-ops campus-ops restore ${newest} --identity hub-backup.key --configuration /etc/campus-ops`,
    "",
    "不用本程序也能打开 / without this program:",
    `  age -d -i hub-backup.key ${newest} | zstd -d | tar -x`,
    "",
  ].join("\r\n");
}
