/**
 * XML as SOAP allows it, read into plain elements. Everything stays the text it was: a serial number of twenty digits,
 * a token `1.0`, a name with leading zeros.
 *
 * One pass over the text, because hundreds of cameras are asked every second. What is not well-formed is refused (XML 1.0,
 * clause 2.1), but for what devices get wrong and nobody misunderstands: an entity that nobody declared, a control
 * character.
 */

/** A camera's longest answer, its profiles, is some 100 kB. */
export const XML_CHARACTERS_MAX = 1_048_576;
const XML_DEPTH_MAX = 64;

export interface XmlElement {
  /** Without its namespace prefix: vendors choose their own. */
  readonly name: string;
  /** Empty when it is in none. */
  readonly namespace: string;
  /** Without prefixes, and without the declarations of namespaces. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, without the white space around it. */
  readonly text: string;
}

export class MalformedXmlError extends Error {
  override readonly name = "MalformedXmlError";
}

/**
 * The root element of a document. Throws {@link MalformedXmlError}.
 *
 * A document type declaration is refused as SOAP demands (SOAP 1.2 part 1, clause 5), and with it every entity that
 * expands into others.
 */
export function parseXml(document: string): XmlElement {
  if (document.length > XML_CHARACTERS_MAX) {
    throw new MalformedXmlError(`${document.length} characters; at most ${XML_CHARACTERS_MAX}`);
  }
  if (document.includes("<!DOCTYPE") || document.includes("<!ENTITY")) {
    throw new MalformedXmlError("a document type declaration, which SOAP forbids");
  }
  const outside: OpenElement = { ...NOTHING, children: [], namespaces: new Map() };
  const open: OpenElement[] = [outside];
  for (let at = 0; at < document.length; ) {
    const inside = open.at(-1) ?? outside;
    const tag = document.indexOf("<", at);
    const text = document.slice(at, tag < 0 ? undefined : tag);
    if (inside !== outside) inside.text += decodeEntities(text);
    else if (text.trim() !== "") throw malformed(document, at, "text outside the root element");
    if (tag < 0) break;
    at = afterMarkup(document, tag, open);
  }
  if (open.length > 1) throw new MalformedXmlError(`<${open.at(-1)?.tag}> is not closed`);
  const [root] = outside.children;
  if (root === undefined || outside.children.length > 1) {
    throw new MalformedXmlError(`${outside.children.length} root elements`);
  }
  return root;
}

/** An element whose end tag has not come yet. */
interface OpenElement {
  /** As it is written, with its prefix. */
  readonly tag: string;
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  /** By prefix; the default one's is empty. */
  readonly namespaces: ReadonlyMap<string, string>;
  text: string;
}

const NOTHING = { tag: "", name: "", namespace: "", attributes: {}, text: "" };

/** Takes the tag, comment, CDATA section or processing instruction that begins at `at`; returns where it ends. */
function afterMarkup(document: string, at: number, open: OpenElement[]): number {
  if (document.startsWith("<!--", at)) return after(document, "-->", at + 4);
  if (document.startsWith("<?", at)) return after(document, "?>", at + 2);
  if (document.startsWith("<![CDATA[", at)) {
    const inside = open.at(-1);
    if (inside === undefined || open.length === 1)
      throw malformed(document, at, "text outside the root element");
    const end = after(document, "]]>", at + 9);
    inside.text += document.slice(at + 9, end - 3);
    return end;
  }
  if (document.startsWith("</", at)) return afterEndTag(document, at, open);
  return afterStartTag(document, at, open);
}

function after(document: string, mark: string, from: number): number {
  const found = document.indexOf(mark, from);
  if (found < 0) throw malformed(document, from, `${mark} is missing`);
  return found + mark.length;
}

const NAME = "[A-Za-z_\\u0080-\\uffff][\\w.\\-\\u0080-\\uffff]*";
const QUALIFIED_NAME = `${NAME}(?::${NAME})?`;
const START_TAG = new RegExp(`<(${QUALIFIED_NAME})`, "y");
const ATTRIBUTE = new RegExp(`\\s+(${QUALIFIED_NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, "y");
const START_TAG_END = /\s*(\/?)>/y;
const END_TAG = new RegExp(`</(${QUALIFIED_NAME})\\s*>`, "y");
/** Names that every JavaScript object has an answer to. */
const TREACHEROUS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

function afterStartTag(document: string, at: number, open: OpenElement[]): number {
  const [start, tag] = match(START_TAG, document, at) ?? [];
  if (start === undefined || tag === undefined) throw malformed(document, at, "no tag after <");
  if (open.length > XML_DEPTH_MAX) throw malformed(document, at, `more than ${XML_DEPTH_MAX} levels`);
  const outer = open.at(-1)?.namespaces ?? new Map<string, string>();
  let namespaces: Map<string, string> | undefined;
  const attributes: [name: string, value: string][] = [];
  const seen = new Set<string>();
  let to = at + start.length;
  for (let next = match(ATTRIBUTE, document, to); next !== null; next = match(ATTRIBUTE, document, to)) {
    const [all, attribute = "", inQuotes, inApostrophes = ""] = next;
    if (seen.has(attribute)) throw malformed(document, to, `two attributes ${attribute}`);
    seen.add(attribute);
    const value = decodeEntities(inQuotes ?? inApostrophes);
    const [prefix, name] = splitName(document, to, attribute);
    if (prefix === "xmlns" || attribute === "xmlns") {
      namespaces ??= new Map(outer);
      namespaces.set(prefix === "" ? "" : name, value);
    } else attributes.push([name, value]);
    to += all.length;
  }
  const end = match(START_TAG_END, document, to);
  if (end === null) throw malformed(document, to, `<${tag}> does not end well`);
  const [prefix, name] = splitName(document, at, tag);
  const scope = namespaces ?? outer;
  open.push({
    tag,
    name,
    namespace: scope.get(prefix) ?? "",
    attributes: Object.fromEntries(attributes),
    children: [],
    namespaces: scope,
    text: "",
  });
  if (end[1] === "/") close(open);
  return to + end[0].length;
}

function afterEndTag(document: string, at: number, open: OpenElement[]): number {
  const end = match(END_TAG, document, at);
  const tag = open.length > 1 ? open.at(-1)?.tag : undefined;
  if (end === null || end[1] !== tag) throw malformed(document, at, "an end tag that ends nothing");
  close(open);
  return at + end[0].length;
}

function close(open: OpenElement[]): void {
  const element = open.pop();
  if (element === undefined) return;
  const { attributes, children, name, namespace, text } = element;
  open.at(-1)?.children.push({ name, namespace, attributes, children, text: text.trim() });
}

function match(pattern: RegExp, document: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(document);
}

function splitName(
  document: string,
  at: number,
  qualifiedName: string,
): readonly [prefix: string, name: string] {
  const colon = qualifiedName.indexOf(":");
  const name = qualifiedName.slice(colon + 1);
  if (TREACHEROUS.has(name)) throw malformed(document, at, `the name ${name}`);
  return [qualifiedName.slice(0, Math.max(0, colon)), name];
}

function malformed(document: string, at: number, what: string): MalformedXmlError {
  return new MalformedXmlError(`${what} (line ${document.slice(0, at).split("\n").length})`);
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The five entities of XML 1.0, clause 4.6, and character references; anything else stays as it is written. */
function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));/g,
    (all, hex, decimal, name) => {
      if (name !== undefined) return PREDEFINED[name] ?? all;
      const codePoint = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
      return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : all;
    },
  );
}

export function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
  };
  return text.replace(/[<>&"]/g, (character) => entities[character] ?? character);
}

/** Follows `path` through first children of that name. */
export function descend(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at;
}

/** The text at the end of `path`, or undefined when it is not there or empty. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  const text = descend(element, ...path)?.text;
  return text === "" ? undefined : text;
}

export function childrenNamed(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** Writes an element as it was read; `more` is put behind its own attributes. */
export function formatXml({ name, namespace, attributes, children, text }: XmlElement, more = ""): string {
  const own = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const content = children.map((child) => formatXml(child)).join("") + escapeXml(text);
  return `<${name} xmlns="${escapeXml(namespace)}"${own.join("")}${more}>${content}</${name}>`;
}
