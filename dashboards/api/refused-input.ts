/** Why a request was not even looked at, in words of both languages: what Fastify and its schemas say, in English alone. */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";
import type { FastifySchemaValidationError } from "fastify";

type Told = FastifySchemaValidationError["params"];

/** By keyword of JSON Schema; the others are told by the keyword itself. */
const BY_KEYWORD: Readonly<Record<string, (params: Told) => LocalText>> = {
  required: ({ missingProperty: name }) => ({ zh: `缺少 ${name}`, en: `has no ${name}` }),
  type: ({ type }) => ({ zh: `类型应为 ${type}`, en: `is not of type ${type}` }),
  enum: ({ allowedValues: values }) => ({ zh: `只能是 ${values} 之一`, en: `is none of ${values}` }),
  minimum: ({ limit }) => ({ zh: `不能小于 ${limit}`, en: `is less than ${limit}` }),
  maximum: ({ limit }) => ({ zh: `不能大于 ${limit}`, en: `is more than ${limit}` }),
  minLength: ({ limit }) => ({ zh: `至少 ${limit} 个字符`, en: `has fewer than ${limit} characters` }),
  maxLength: ({ limit }) => ({ zh: `最多 ${limit} 个字符`, en: `has more than ${limit} characters` }),
  minItems: ({ limit }) => ({ zh: `至少 ${limit} 项`, en: `has fewer than ${limit} entries` }),
  maxItems: ({ limit }) => ({ zh: `最多 ${limit} 项`, en: `has more than ${limit} entries` }),
  pattern: ({ pattern }) => ({ zh: `格式不符合 ${pattern}`, en: `does not match ${pattern}` }),
  additionalProperties: ({ additionalProperty: name }) => ({
    zh: `不认识 ${name}`,
    en: `has an unknown ${name}`,
  }),
};

const PARTS: Readonly<Record<string, LocalText>> = {
  body: { zh: "请求内容", en: "the body" },
  params: { zh: "地址", en: "the address" },
  querystring: { zh: "查询参数", en: "the query" },
  headers: { zh: "请求头", en: "the headers" },
};

/** The first thing that is wrong with the request by its schema; `part` is Fastify's `validationContext`. */
export function byTheSchema(errors: readonly FastifySchemaValidationError[], part = "body"): LocalText {
  const [first] = errors;
  const where = PARTS[part] ?? { zh: part, en: part };
  if (first === undefined) return where;
  const { instancePath, keyword, params } = first;
  const what = BY_KEYWORD[keyword]?.(params) ?? { zh: `不符合 ${keyword}`, en: `is not right (${keyword})` };
  return { zh: `${where.zh}${instancePath}：${what.zh}`, en: `${where.en}${instancePath} ${what.en}` };
}

/** By Fastify's code, of what it refuses before there is anything to compare with a schema. */
export function byFastify(code: string | undefined): LocalText {
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return {
        zh: "请求内容超过了允许的大小，没有保存",
        en: "the body is larger than is taken here; nothing was kept",
      };
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return { zh: "不支持这种内容类型（Content-Type）", en: "this content type is not taken here" };
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return { zh: "请求内容是空的", en: "the body is empty" };
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return { zh: "请求内容的长度与声明不符", en: "the body is not as long as was said" };
    default:
      return { zh: "请求内容读不懂，请检查格式", en: "the request cannot be read; check its format" };
  }
}
