/** The JSON schema of a hub's `site`: the tree of {@link Site}, as every process of a hub reads it. */
import { ID_PATTERN } from "./ids.ts";

const localText = {
  type: "object",
  required: ["zh", "en"],
  additionalProperties: false,
  properties: { zh: { type: "string", minLength: 1 }, en: { type: "string", minLength: 1 } },
} as const;

/** GB/T 2260: two digits each for province, prefecture and county. */
const regionCode = { type: "string", pattern: "^[0-9]{6}$", description: "GB/T 2260 code" } as const;

const campus = {
  type: "object",
  required: ["id", "title"],
  additionalProperties: false,
  properties: {
    id: { type: "string", pattern: ID_PATTERN, description: "the Sparkplug group id of its edge boxes" },
    title: localText,
    places: {
      type: "object",
      required: [],
      additionalProperties: localText,
      description: "titles of buildings, floors and spaces by their path below the campus, such as `a/3/301`",
    },
  },
} as const;

const county = {
  type: "object",
  required: ["code", "title", "campuses"],
  additionalProperties: false,
  properties: { code: regionCode, title: localText, campuses: { type: "array", items: campus } },
} as const;

export const SITE_SCHEMA = {
  type: "object",
  required: ["city", "counties"],
  additionalProperties: false,
  description: "the tree of city, counties and campuses that this hub is about",
  properties: {
    timeZone: {
      type: "string",
      pattern: "^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}$",
      description: "IANA name of its time, such as Asia/Urumqi; Asia/Shanghai unless said",
    },
    city: {
      type: "object",
      required: ["code", "title"],
      additionalProperties: false,
      properties: { code: regionCode, title: localText },
    },
    counties: { type: "array", items: county },
  },
} as const;
