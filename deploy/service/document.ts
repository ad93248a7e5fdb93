/**
 * Configuration documents: YAML checked against a JSON schema, where every error names the file, the line and the
 * field, says what was found and what would be right. Nothing is read halfway: a document is valid or it is refused.
 */
import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type JSONSchemaType, type Schema, type ValidateFunction } from "ajv";
import { type Document, type ErrorCode, isNode, LineCounter, parseDocument } from "yaml";
import { type Overlay, withPaths } from "./overlay.ts";

export interface DocumentProblem {
  readonly file: string;
  /** 1-based; 0 when the file could not be read at all. */
  readonly line: number;
  /** Dotted path, for example `devices.3.address`; empty for the document as a whole. */
  readonly field: string;
  readonly message: string;
  /** The message in Chinese. */
  readonly zh: string;
}

export function formatProblem(
  { file, line, field, message, zh }: DocumentProblem,
  language: "zh" | "en" = "en",
): string {
  const said = language === "zh" ? zh : message;
  return `${line > 0 ? `${file}:${line}` : file}: ${field === "" ? "" : `${field}: `}${said}`;
}

/** Thrown by {@link loadDocument}; its message is what the operator reads, one problem a line. */
export class InvalidDocumentError extends Error {
  override readonly name = "InvalidDocumentError";
  readonly problems: readonly DocumentProblem[];
  constructor(problems: readonly DocumentProblem[]) {
    super(problems.map((problem) => formatProblem(problem)).join("\n"));
    this.problems = problems;
  }
}

/** Finds the line of a field that passed the schema and is wrong all the same (an unknown profile, a double id). */
export type Locate = (field: string, message: string, zh: string) => DocumentProblem;

export interface CheckedDocument<T> {
  readonly value: T;
  readonly locate: Locate;
}

/** More than this is not a configuration file, and is refused unread. */
const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

const compiled = new WeakMap<object, ValidateFunction>();

function validator(schema: object): ValidateFunction {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = new Ajv({ allErrors: true, strict: true, useDefaults: true, allowUnionTypes: true }).compile(
      schema as Schema,
    );
    compiled.set(schema, validate);
  }
  return validate;
}

/** Reads and checks a file, with `overlays` in the place of its sections. Throws {@link InvalidDocumentError}. */
export function loadDocument<T>(
  file: string,
  schema: JSONSchemaType<T> | object,
  overlays: readonly Overlay[] = [],
): CheckedDocument<T> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const said =
      code === "ENOENT"
        ? { message: "there is no such file", zh: "没有这个文件" }
        : {
            message: `cannot be read (${code ?? String(error)})`,
            zh: `无法读取（${code ?? String(error)}）`,
          };
    throw new InvalidDocumentError([{ file, line: 0, field: "", ...said }]);
  }
  return checkDocument<T>(file, text, schema, overlays);
}

/** Checks a text that is already at hand; `file` is only for the messages. Throws {@link InvalidDocumentError}. */
export function checkDocument<T>(
  file: string,
  text: string,
  schema: JSONSchemaType<T> | object,
  overlays: readonly Overlay[] = [],
): CheckedDocument<T> {
  if (text.length > DOCUMENT_BYTES_MAX) {
    const message = `is larger than ${DOCUMENT_BYTES_MAX} bytes, which no configuration needs`;
    const zh = `超过 ${DOCUMENT_BYTES_MAX} 字节，配置文件不会这么大`;
    throw new InvalidDocumentError([{ file, line: 0, field: "", message, zh }]);
  }
  const whole = parsed(file, text);
  const laid = overlays.map((overlay) => ({ ...overlay, ...parsed(overlay.file, overlay.text) }));
  const locate: Locate = (field, message, zh) => {
    const over = laid.find(({ at }) => field === at || field.startsWith(`${at}.`));
    // Below `value` of the overlay's own file.
    const path = over === undefined ? field : `value${field.slice(over.at.length)}`;
    return {
      file: over?.file ?? file,
      line: lineOf(over ?? whole, path.split(".")),
      field,
      message,
      zh,
    };
  };

  let value = unfold(file, whole.document);
  for (const { at, document, file: from, files } of laid) {
    const { value: section } = (unfold(from, document) ?? {}) as { readonly value?: unknown };
    value = placed(value, at.split("."), withPaths(section, files));
  }
  const validate = validator(schema);
  if (!validate(value)) {
    const problems = dedupe(validate.errors ?? []).map((error) => {
      const { message, zh } = explain(error);
      return locate(pathOf(error).join("."), message, zh);
    });
    throw new InvalidDocumentError(problems);
  }
  return { value: value as T, locate };
}

/** By the parser's code, of what people get wrong most often. */
const SYNTAX: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS: "引用（*）有误",
  BAD_INDENT: "缩进有误，请与上下行对齐",
  BLOCK_AS_IMPLICIT_KEY: "同一行里嵌套了字段，请另起一行或加引号",
  BLOCK_IN_FLOW: "花括号或方括号里不能换行写字段",
  DUPLICATE_KEY: "字段重复",
  MISSING_CHAR: "缺少字符，常见的是冒号后的空格、引号或右括号",
  TAB_AS_INDENT: "缩进不能用制表符（Tab），请改用空格",
  UNEXPECTED_TOKEN: "有多余的字符",
};

interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
}

function parsed(file: string, text: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    field: "",
    message: error.message,
    zh: `YAML ${SYNTAX[error.code] ?? "写法有误"}（${error.message}）`,
  }));
  if (syntax.length > 0) throw new InvalidDocumentError(syntax);
  return { document, lines };
}

function lineOf({ document, lines }: Parsed, path: readonly string[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const keys = path.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const node = document.getIn(keys, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** `value` with `section` at a path whose parents are made where they are not there. */
function placed(value: unknown, [key, ...below]: readonly string[], section: unknown): unknown {
  if (key === undefined) return section;
  const around = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return { ...around, [key]: placed(around[key], below, section) };
}

/** A few nested aliases can stand for more than a machine's memory. */
const ALIASES_MAX = 100;

function unfold(file: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const zh = `YAML 引用（*）有误或过多（${message}）`;
    throw new InvalidDocumentError([{ file, line: 0, field: "", message, zh }]);
  }
}

function pathOf(error: ErrorObject): string[] {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const params = error.params as { additionalProperty?: string };
  return params.additionalProperty === undefined ? path : [...path, params.additionalProperty];
}

/** `anyOf` and `if` repeat what their branches already said better. */
function dedupe(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const telling = errors.filter(({ keyword }) => !["anyOf", "oneOf", "if", "allOf"].includes(keyword));
  return telling.length > 0 ? telling : errors;
}

/** What a schema bounds, by its keyword. */
const BOUNDS: Readonly<Record<string, (limit: string) => string>> = {
  minimum: (limit) => `不能小于 ${limit}`,
  exclusiveMinimum: (limit) => `必须大于 ${limit}`,
  maximum: (limit) => `不能大于 ${limit}`,
  exclusiveMaximum: (limit) => `必须小于 ${limit}`,
  minLength: (limit) => `至少 ${limit} 个字符`,
  maxLength: (limit) => `最多 ${limit} 个字符`,
  minItems: (limit) => `至少 ${limit} 项`,
  maxItems: (limit) => `最多 ${limit} 项`,
  minProperties: (limit) => `至少 ${limit} 个字段`,
  maxProperties: (limit) => `最多 ${limit} 个字段`,
  uniqueItems: () => "有重复的项",
  oneOf: () => "几种写法只能选其中一种",
};

function explain(error: ErrorObject): { readonly message: string; readonly zh: string } {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "additionalProperties":
      return {
        message: "is not a field that belongs here; check its spelling",
        zh: "此处没有这个字段，请检查拼写",
      };
    case "required": {
      const name = JSON.stringify(params.missingProperty);
      return { message: `lacks the field ${name}`, zh: `缺少字段 ${name}` };
    }
    case "enum": {
      const words = (params.allowedValues as unknown[]).map((each) => JSON.stringify(each)).join(", ");
      return { message: `must be one of ${words}`, zh: `只能是 ${words} 之一` };
    }
    case "const": {
      const word = JSON.stringify(params.allowedValue);
      return { message: `must be ${word}`, zh: `只能是 ${word}` };
    }
    case "type": {
      const types = [params.type].flat();
      return { message: `must be ${types.join(" or ")}`, zh: `类型须为 ${types.join(" 或 ")}` };
    }
    case "pattern":
      return {
        message: `must look like ${String(params.pattern)}`,
        zh: `格式须符合 ${String(params.pattern)}`,
      };
    default: {
      const message = error.message ?? `fails ${error.keyword}`;
      return { message, zh: BOUNDS[error.keyword]?.(String(params.limit)) ?? `不符合要求：${message}` };
    }
  }
}
