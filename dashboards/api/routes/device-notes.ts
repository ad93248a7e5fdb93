/** What people write down of devices, one by one or as a table with row-by-row errors. */
import { isWithin } from "@campus-ops/device-profiles/vocabulary";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type {
  DeviceNote,
  DeviceNoteFields,
  DeviceNotesImport,
  DeviceNotesImported,
} from "../../device-notes/api.ts";
import {
  dayText,
  HEADINGS,
  INFORMATIVE,
  NOTE_FIELDS,
  readNotes,
  TEXT_CHARACTERS_MAX,
} from "../../device-notes/core/notes-csv.ts";
import type { DeviceView } from "../api.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem, languageOf } from "../problem.ts";
import { array, boolean, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";

const CSV_BYTES_MAX = 8 * 1024 * 1024;

const words = { type: "string", maxLength: TEXT_CHARACTERS_MAX } as const;
const day = { type: "string", maxLength: 20, description: "YYYY-MM-DD, or empty" } as const;
const fields = {
  note: words,
  supplier: words,
  spare: words,
  installed: day,
  warrantyUntil: day,
  maintained: day,
} as const;
const note = object({ device: string, ...fields, by: string, at: timestamp }, ["by", "at"]);
const body = object(fields, NOTE_FIELDS);
const importBody = object({ csv: { type: "string", maxLength: CSV_BYTES_MAX }, check: boolean }, ["check"]);
const imported = object({
  rows: number,
  changed: number,
  problems: array(object({ row: number, column: string, problem: text })),
});
const part = { type: "string", minLength: 1, maxLength: 100 } as const;
const params = object({ campus: part, node: part, device: part });
const scopeQuery = object({ scope: { type: "string", default: "", maxLength: 400 } }, ["scope"]);

interface Params {
  readonly campus: string;
  readonly node: string;
  readonly device: string;
}

export function deviceNoteRoutes(server: FastifyInstance, { upstreams, audit, deviceNotes }: ApiParts): void {
  const tags = ["devices"];
  const read = { permission: "devices.read" } as const;
  const configure = { permission: "devices.configure" } as const;

  server.get<{ Params: Params }>(
    "/device-notes/:campus/:node/:device",
    { config: read, schema: { tags, params, response: { 200: note } } },
    async (request): Promise<DeviceNote> => store().get((await find(request)).key),
  );

  server.put<{ Params: Params; Body: Partial<DeviceNoteFields> }>(
    "/device-notes/:campus/:node/:device",
    { config: configure, schema: { tags, params, body, response: { 200: note } } },
    async (request): Promise<DeviceNote> => {
      const { key, path } = await find(request);
      const { installed, warrantyUntil, maintained } = request.body;
      for (const each of [installed, warrantyUntil, maintained]) {
        if (each !== undefined && each !== "" && dayText(each) === undefined) {
          throw new ApiProblem("bad-request", {
            zh: `“${each}”不是日期，请写成 2026-09-01`,
            en: `“${each}” is no day: write 2026-09-01`,
          });
        }
      }
      const { user } = request.identity;
      if (store().write([{ device: key, fields: request.body }], user) > 0)
        audit({ user, action: "device.note", path, device: key });
      return store().get(key);
    },
  );

  server.get<{ Querystring: { scope: string } }>(
    "/device-notes.csv",
    { config: read, schema: { tags, querystring: scopeQuery } },
    async (request, reply) => {
      const language = languageOf(request);
      const devices = (await devicesOf(request)).filter(({ path }) => isWithin(path, request.query.scope));
      const [named, placed] = INFORMATIVE;
      const head = [HEADINGS.device, named, placed, ...NOTE_FIELDS.map((name) => HEADINGS[name])];
      const rows = devices.map(({ key, title, path }) => {
        const known = store().get(key);
        return [key, title[language] || title.zh, path, ...NOTE_FIELDS.map((name) => known[name])];
      });
      const table = [head.map((each) => each?.[language] ?? ""), ...rows];
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="device-notes.csv"')
        .send(`\uFEFF${table.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`);
    },
  );

  server.post<{ Body: DeviceNotesImport }>(
    "/device-notes/import",
    {
      config: configure,
      bodyLimit: CSV_BYTES_MAX,
      schema: { tags, body: importBody, response: { 200: imported } },
    },
    async (request): Promise<DeviceNotesImported> => {
      const devices = new Set((await devicesOf(request)).map(({ key }) => key));
      const { csv, check = false } = request.body;
      const { rows, problems } = readNotes(csv, (device) => devices.has(device));
      if (problems.length > 0 || check) return { rows: rows.length, changed: 0, problems };
      const { user } = request.identity;
      const changed = store().write(rows, user);
      audit({ user, action: "device.import", rows: rows.length, changed });
      return { rows: rows.length, changed, problems };
    },
  );

  function store() {
    if (deviceNotes === undefined) throw new ApiProblem("part-away");
    return deviceNotes;
  }

  async function devicesOf({ identity }: FastifyRequest): Promise<readonly DeviceView[]> {
    const all = await getJson<readonly DeviceView[]>(upstreams.ingest, "/devices?metrics=none");
    return all.filter(({ path }) => sees(identity, path));
  }

  /** Outside of the caller's scope a device does not exist. */
  async function find(request: FastifyRequest): Promise<DeviceView> {
    const { campus, node, device } = request.params as Params;
    const key = [campus, node, device].map(encodeURIComponent).join("/");
    const found = await getJson<DeviceView>(upstreams.ingest, `/devices/${key}`);
    if (!sees(request.identity, found.path)) throw new ApiProblem("not-found");
    return found;
  }
}

/** RFC 4180; a text that a spreadsheet would take for a formula stays a text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
