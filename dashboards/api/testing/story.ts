/**
 * What has to be asked before what, and with what, so that every operation of the API is one that does something in a
 * {@link world}: each makes what the later ones need. An operation that is not in it is asked with what its schema says.
 */
import { hotp, stepAt } from "../../accounts/totp.ts";
import { EAST } from "./operations.ts";
import { SITE } from "./world.ts";

export const PASSWORD = "orange tram over river";
const NEXT_PASSWORD = "seven kettles on a hill";
const PLACE = `${EAST}/first/a/1`;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Answers so far, by operation. */
export type Answers = Readonly<Record<string, unknown>>;
export interface Step {
  readonly name: string;
  readonly url?: (answers: Answers) => string;
  readonly body?: unknown;
  readonly bodyAfter?: (answers: Answers) => unknown;
  /** Once everything that the story does not tell is done. */
  readonly last?: true;
  readonly file?: { readonly type: string; readonly content: string | Buffer };
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>';
const ring = [
  [114.3, 36.5],
  [114.6, 36.4],
  [114.7, 36.8],
  [114.3, 36.5],
];
const county = {
  type: "Feature",
  properties: { code: "990102" },
  geometry: { type: "Polygon", coordinates: [ring] },
};
const bundle = "0".repeat(64);

/** What an authenticator app would say now, of the `otpauth://` address that it was given. */
export function codeNow(uri: string): string {
  const bits = [...(URL.parse(uri)?.searchParams.get("secret") ?? "")]
    .map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const bytes = bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  return hotp(Uint8Array.from(bytes), stepAt(Date.now()));
}

/** The settings of which this is told. */
const SETTINGS = ["notify", "calendar", "timetable", "retention", "backup", "site"] as const;

const property = (answer: unknown, name: string): string =>
  String((answer as Readonly<Record<string, unknown>> | undefined)?.[name]);

export const STORY: readonly Step[] = [
  { name: "POST /api/v1/me/totp", body: { password: PASSWORD } },
  {
    name: "PUT /api/v1/me/totp",
    bodyAfter: (answers) => ({ code: codeNow(property(answers["POST /api/v1/me/totp"], "uri")) }),
  },
  { name: "POST /api/v1/me/totp/end", body: { password: PASSWORD } },
  { name: "POST /api/v1/me/password", body: { current: PASSWORD, next: NEXT_PASSWORD } },
  { name: "POST /api/v1/sign-in", body: { user: "wang", password: NEXT_PASSWORD } },
  { name: "POST /api/v1/me/confirm", body: { password: NEXT_PASSWORD } },
  { name: "POST /api/v1/accounts", body: { name: "li", title: "li", grants: [] } },
  { name: "POST /api/v1/accounts/{id}/reset", url: () => "/api/v1/accounts/2/reset" },
  { name: "PATCH /api/v1/accounts/{id}", url: () => "/api/v1/accounts/2", body: { title: "li" } },
  { name: "GET /api/v1/accounts/{id}/sessions", url: () => "/api/v1/accounts/2/sessions" },
  { name: "DELETE /api/v1/accounts/{id}/sessions", url: () => "/api/v1/accounts/2/sessions" },
  {
    name: "PUT /api/v1/region-map",
    body: { reviewNumber: "GS(2024)0650号", geojson: { type: "FeatureCollection", features: [county] } },
  },
  {
    name: "POST /api/v1/alarms/{id}/confirmations",
    url: () => "/api/v1/alarms/fever/confirmations",
    body: { celsius: 37.8 },
  },
  { name: "POST /api/v1/suppressions", body: { path: PLACE, duration_ms: 60_000, reason: "painting" } },
  { name: "POST /api/v1/plans", file: { type: "image/svg+xml", content: svg } },
  { name: "POST /api/v1/query", body: { metric: "Door/Open", from: 1, to: 2 } },
  {
    name: "POST /api/v1/commissioning/{campus}/{node}/search",
    body: { ranges: ["10.1.0.0/24"], protocols: ["modbus"] },
  },
  {
    name: "POST /api/v1/commissioning/{campus}/{node}/devices",
    body: {
      url: "modbus://10.1.0.5:502?unit=1",
      profile: "access-gate/generic-modbus",
      title: { zh: "闸机", en: "gate" },
      at: "a/1",
    },
  },
  { name: "POST /api/v1/work-orders", body: { alarm: "a1", title: "gate broken" } },
  { name: "POST /api/v1/work-orders/{number}/decisions", body: { action: "assign", assignee: "Zhang" } },
  { name: "POST /api/v1/work-orders/{number}/progress", body: { action: "done", note: "new motor" } },
  { name: "POST /api/v1/work-orders/{number}/photos", file: { type: "image/png", content: PNG } },
  { name: "GET /api/v1/work-orders/{number}/photos/{photo}" },
  {
    name: "POST /api/v1/scenes",
    body: {
      title: { zh: "集会", en: "assembly" },
      path: PLACE,
      settings: [{ class: "actuator", metric: "Light/On", value: true }],
    },
  },
  {
    name: "DELETE /api/v1/scenes/{id}",
    url: (answers) => `/api/v1/scenes/${property(answers["POST /api/v1/scenes"], "id")}`,
  },
  { name: "POST /api/v1/room-runs", body: { path: PLACE, scene: "all-off" } },
  { name: "PUT /api/v1/device-notes/{campus}/{node}/{device}", body: { supplier: "ACME" } },
  {
    name: "POST /api/v1/device-notes/import",
    body: { csv: "标识,供应商\nfirst/box/gate,ACME\n", check: true },
  },
  { name: "POST /api/v1/webhooks", body: { name: "bureau", url: "https://bureau.example/hook", path: EAST } },
  { name: "POST /api/v1/updates/roll-outs", body: { bundle, boxes: ["first/box"] } },
  { name: "POST /api/v1/updates/roll-outs/{id}/{act}", url: () => "/api/v1/updates/roll-outs/r2/pause" },
  { name: "POST /api/v1/updates/bundles", file: { type: "application/octet-stream", content: "a bundle" } },
  { name: "DELETE /api/v1/updates/bundles/{sha256}", url: () => `/api/v1/updates/bundles/${bundle}` },
  {
    name: "POST /api/v1/boxes/{campus}/{node}/release",
    url: () => "/api/v1/boxes/first/shut-out/release",
  },
  {
    name: "DELETE /api/v1/me/sessions/{id}",
    last: true,
    url: (answers) =>
      `/api/v1/me/sessions/${property((answers["GET /api/v1/me/sessions"] as unknown[])[0], "id")}`,
  },
  { name: "PUT /api/v1/settings/site", body: { value: SITE, version: "v1" } },
  ...SETTINGS.map((setting): Step => {
    const name = `DELETE /api/v1/settings/${setting}`;
    return { name, url: () => `/api/v1/settings/${setting}?version=v1` };
  }),
];
