/** What people write down of devices, one by one or as a table that goes out and comes back, with row-by-row errors. */
import {
  DEVICE_CLASSES,
  isWithin,
  type Language,
  type LocalText,
} from "@campus-ops/device-profiles/vocabulary";
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
  isDayHeading,
  type KnownDevice,
  NOTE_FIELDS,
  parseCsv,
  ROWS_MAX,
  readNotes,
  TEXT_CHARACTERS_MAX,
  TOLD_BY_BOX,
} from "../../device-notes/core/notes-table.ts";
import { InvalidWorkbookError, readWorkbook } from "../../tables/read-workbook.ts";
import { type Column, sheetOf, workbook, XLSX_TYPE } from "../../tables/workbook.ts";
import type { DeviceView } from "../api.ts";
import { fileOf } from "../contents.ts";
import { sees } from "../identity.ts";
import type { ApiParts } from "../parts.ts";
import { ApiProblem, languageOf } from "../problem.ts";
import { array, boolean, number, object, string, text, timestamp } from "../schemas.ts";
import { getJson } from "../upstream.ts";

/** 50,000 rows of a hundred characters; base64 takes a third more. */
const TABLE_BYTES_MAX = 8 * 1024 * 1024;
/** Of what would change, before somebody says yes. */
const CHANGES_SHOWN_MAX = 200;

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
const table = { type: "string", maxLength: TABLE_BYTES_MAX } as const;
const importBody = object(
  { csv: table, xlsx: { ...table, description: "a workbook, in base64" }, check: boolean },
  ["csv", "xlsx", "check"],
);
const imported = object({
  rows: number,
  changed: number,
  problems: array(object({ row: number, column: string, problem: text })),
  changes: array(object({ device: string, title: text, column: text, before: string, after: string })),
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
    { config: read, schema: { tags, querystring: scopeQuery, response: fileOf("text/csv") } },
    async (request, reply) => {
      const language = languageOf(request);
      const rows = await notedDevices(request);
      const head = COLUMNS.map(({ title }) => title[language]);
      const table = [head, ...rows.map((row) => COLUMNS.map(({ of }) => String(of(row, language) ?? "")))];
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="device-notes.csv"')
        .send(`\uFEFF${table.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`);
    },
  );

  server.get<{ Querystring: { scope: string } }>(
    "/device-notes.xlsx",
    { config: read, schema: { tags, querystring: scopeQuery, response: fileOf(XLSX_TYPE) } },
    async (request, reply) => {
      const sheet = sheetOf({ title: SHEET, columns: COLUMNS, rows: await notedDevices(request) });
      return reply
        .type(XLSX_TYPE)
        .header("content-disposition", 'attachment; filename="device-notes.xlsx"')
        .send(await workbook([sheet], languageOf(request)));
    },
  );

  server.post<{ Body: DeviceNotesImport }>(
    "/device-notes/import",
    {
      config: configure,
      bodyLimit: TABLE_BYTES_MAX,
      schema: { tags, body: importBody, response: { 200: imported } },
    },
    async (request): Promise<DeviceNotesImported> => {
      const devices = new Map((await devicesOf(request)).map((device) => [device.key, device]));
      const { check = false } = request.body;
      const { rows, problems } = readNotes(tableIn(request.body), (key) => knownOf(devices.get(key)));
      if (problems.length > 0) return { rows: rows.length, changed: 0, problems, changes: [] };
      const changes = store().changes(rows);
      const changed = new Set(changes.map(({ device }) => device)).size;
      const shown = changes.slice(0, CHANGES_SHOWN_MAX).map(({ after, before, device, field }) => ({
        device,
        title: devices.get(device)?.title ?? { zh: device, en: device },
        column: HEADINGS[field],
        before,
        after,
      }));
      if (check) return { rows: rows.length, changed, problems, changes: shown };
      const { user } = request.identity;
      store().write(rows, user);
      audit({ user, action: "device.import", rows: rows.length, changed });
      return { rows: rows.length, changed, problems, changes: [] };
    },
  );

  async function notedDevices(request: FastifyRequest): Promise<readonly NotedDevice[]> {
    const { scope } = request.query as { readonly scope: string };
    const devices = await devicesOf(request);
    return devices
      .filter(({ path }) => isWithin(path, scope))
      .map((device) => ({ device, note: store().get(device.key) }));
  }

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

interface NotedDevice {
  readonly device: DeviceView;
  readonly note: DeviceNote;
}

const SHEET: LocalText = { zh: "设备台账", en: "device register" };

const COLUMNS: readonly (Column<NotedDevice> & {
  readonly of: (row: NotedDevice, language: Language) => string;
})[] = [
  { title: HEADINGS.device, kind: "text", width: 32, of: ({ device }) => device.key },
  {
    title: TOLD_BY_BOX.title,
    kind: "text",
    width: 24,
    of: ({ device: { title } }, language) => title[language] || title.zh,
  },
  { title: TOLD_BY_BOX.path, kind: "text", width: 32, of: ({ device }) => device.path },
  {
    title: TOLD_BY_BOX.class,
    kind: "text",
    of: ({ device }, language) => DEVICE_CLASSES[device.class][language],
  },
  { title: TOLD_BY_BOX.profile, kind: "text", width: 28, of: ({ device }) => device.profile },
  ...NOTE_FIELDS.map((field) => ({
    title: HEADINGS[field],
    kind: "text" as const,
    of: ({ note }: NotedDevice) => note[field],
  })),
];

function knownOf(device: DeviceView | undefined): KnownDevice | undefined {
  if (device === undefined) return undefined;
  const { class: its, path, profile, title } = device;
  const { zh, en } = DEVICE_CLASSES[its];
  return { title: [title.zh, title.en], path: [path], class: [zh, en], profile: [profile] };
}

function tableIn({ csv, xlsx }: DeviceNotesImport): readonly (readonly string[])[] {
  if (csv !== undefined) return parseCsv(csv);
  if (xlsx === undefined)
    throw new ApiProblem("bad-request", { zh: "请给出 csv 或 xlsx", en: "give csv or xlsx" });
  try {
    return readWorkbook(Buffer.from(xlsx, "base64"), { isDay: isDayHeading, rowsMax: ROWS_MAX + 1 });
  } catch (error) {
    if (error instanceof InvalidWorkbookError) throw new ApiProblem("bad-request", error.text);
    throw error;
  }
}

/** RFC 4180; a text that a spreadsheet would take for a formula stays a text. */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
