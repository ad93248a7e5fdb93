/**
 * XML as SOAP allows it, read into plain elements. Everything stays the text it was: a serial number of twenty digits,
 * a token `1.0`, a name with leading zeros.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";

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

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  trimValues: false,
  processEntities: false,
  maxNestedTags: XML_DEPTH_MAX,
});

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
  const verdict = XMLValidator.validate(document);
  if (verdict !== true) throw new MalformedXmlError(`${verdict.err.msg} (line ${verdict.err.line})`);
  const roots = elements(parsed(document), new Map());
  const [root] = roots;
  if (root === undefined || roots.length > 1) throw new MalformedXmlError(`${roots.length} root elements`);
  return root;
}

function parsed(document: string): unknown {
  try {
    return parser.parse(document);
  } catch (error) {
    throw new MalformedXmlError(error instanceof Error ? error.message : String(error));
  }
}

const ATTRIBUTES = ":@";
const TEXT = "#text";

/** The parser's ordered form: a list of `{ <name>: [...], ":@": { <attribute>: <value> } }` and `{ "#text": … }`. */
function elements(nodes: unknown, outer: ReadonlyMap<string, string>): XmlElement[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.flatMap((node: Readonly<Record<string, unknown>>) => {
    const qualifiedName = Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
    if (qualifiedName === undefined) return [];
    const written = Object.entries(node[ATTRIBUTES] ?? {}).map(
      ([name, value]) => [...splitName(name), decodeEntities(String(value))] as const,
    );
    const namespaces = new Map(outer);
    const attributes: [string, string][] = [];
    for (const [prefix, name, value] of written) {
      if (prefix === "xmlns") namespaces.set(name, value);
      else if (prefix === "" && name === "xmlns") namespaces.set("", value);
      else attributes.push([name, value]);
    }
    const [prefix, name] = splitName(qualifiedName);
    const content = node[qualifiedName];
    return [
      {
        name,
        namespace: namespaces.get(prefix) ?? "",
        attributes: Object.fromEntries(attributes),
        children: elements(content, namespaces),
        text: textOf(content),
      },
    ];
  });
}

function splitName(qualifiedName: string): readonly [prefix: string, name: string] {
  const colon = qualifiedName.indexOf(":");
  return colon < 0 ? ["", qualifiedName] : [qualifiedName.slice(0, colon), qualifiedName.slice(colon + 1)];
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return decodeEntities(content.map((node) => String(node[TEXT] ?? "")).join("")).trim();
}

const PREDEFINED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The five entities of XML 1.0, clause 4.6, and character references; anything else stays as it is written. */
function decodeEntities(text: string): string {
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
