/**
 * ISAPI documents. The same content comes as XML or as JSON, depending on the model and the question; both are read
 * into one tree, in which XML's texts stay texts.
 */
import { decodeDocument } from "./china-text.ts";
import { MalformedXmlError, parseXml, type XmlElement } from "./xml.ts";

export type IsapiNode =
  | string
  | number
  | boolean
  | null
  | readonly IsapiNode[]
  | { readonly [name: string]: IsapiNode };

export class MalformedDocumentError extends Error {
  override readonly name = "MalformedDocumentError";
}

/** The document's content, without its root element. Throws {@link MalformedDocumentError}. */
export function parseIsapi(bytes: Uint8Array): IsapiNode {
  const text = decodeDocument(bytes);
  try {
    return text.startsWith("<") ? contentOf(parseXml(text)) : unwrapped(JSON.parse(text) as IsapiNode);
  } catch (error) {
    if (!(error instanceof MalformedXmlError) && !(error instanceof SyntaxError)) throw error;
    throw new MalformedDocumentError(error.message);
  }
}

/** An empty element is an empty text; elements of one name are a list. */
function contentOf({ children, text }: XmlElement): IsapiNode {
  if (children.length === 0) return text;
  const content = new Map<string, IsapiNode>();
  for (const child of children) {
    const before = content.get(child.name);
    const value = contentOf(child);
    if (before === undefined) content.set(child.name, value);
    else content.set(child.name, isList(before) ? [...before, value] : [before, value]);
  }
  return Object.fromEntries(content);
}

/** `{"AcsEvent": {…}}` is what `<AcsEvent>…</AcsEvent>` is; an alert has no such outer name. */
function unwrapped(node: IsapiNode): IsapiNode {
  if (!isObject(node)) return node;
  const [only, ...more] = Object.values(node);
  return more.length === 0 && isObject(only) ? only : node;
}

function isObject(node: IsapiNode | undefined): node is { readonly [name: string]: IsapiNode } {
  return typeof node === "object" && node !== null && !isList(node);
}

function isList(node: IsapiNode | undefined): node is readonly IsapiNode[] {
  return Array.isArray(node);
}

/** What lies at the end of `path`; undefined when it is not there. */
export function nodeAt(node: IsapiNode | undefined, ...path: readonly string[]): IsapiNode | undefined {
  let at = node;
  for (const name of path) at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

/** A text that is not empty. */
export function textIn(node: IsapiNode | undefined, ...path: readonly string[]): string | undefined {
  const found = nodeAt(node, ...path);
  if (typeof found === "number") return String(found);
  return typeof found === "string" && found.trim() !== "" ? found.trim() : undefined;
}

export function numberIn(node: IsapiNode | undefined, ...path: readonly string[]): number | undefined {
  const text = textIn(node, ...path);
  const value = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

export function booleanIn(node: IsapiNode | undefined, ...path: readonly string[]): boolean | undefined {
  const found = nodeAt(node, ...path);
  if (typeof found === "boolean") return found;
  return found === "true" ? true : found === "false" ? false : undefined;
}

/** A list; one entry where there is one, none where there is nothing. */
export function listIn(node: IsapiNode | undefined, ...path: readonly string[]): readonly IsapiNode[] {
  const found = nodeAt(node, ...path);
  if (isList(found)) return found;
  return found === undefined || found === "" || found === null ? [] : [found];
}
