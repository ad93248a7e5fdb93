import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import {
  descend,
  escapeXml,
  MalformedXmlError,
  parseXml,
  textAt,
  XML_CHARACTERS_MAX,
  type XmlElement,
} from "./xml.ts";

test("identifiers stay the text they were", () => {
  const root = parseXml(
    `<?xml version="1.0"?><a:Root xmlns:a="urn:a" token="1.0"><a:Serial> 20230912345678901234 </a:Serial>` +
      `<Hex>0x10</Hex><Zeros>007</Zeros><Exponent>1e5</Exponent></a:Root>`,
  );
  expect(root.attributes.token).toBe("1.0");
  expect(textAt(root, "Serial")).toBe("20230912345678901234");
  expect(["Hex", "Zeros", "Exponent"].map((name) => textAt(root, name))).toEqual(["0x10", "007", "1e5"]);
});

test("any text survives being escaped and read", () => {
  const xmlText = fc
    .string({ unit: "grapheme" })
    .filter((text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u.test(text));
  fc.assert(
    fc.property(xmlText, (text) => {
      expect(parseXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`).text).toBe(text.trim());
      expect(parseXml(`<a b="${escapeXml(text)}"/>`).attributes.b).toBe(text);
    }),
  );
});

test("predefined entities, character references and CDATA are read; an unknown entity stays as it is", () => {
  const root = parseXml("<a>&lt;&#x4e2d;&#25991;&amp;amp;<![CDATA[<b>]]>&bomb;&#x110000;</a>");
  expect(root.text).toBe("<中文&amp;<b>&bomb;&#x110000;");
});

test("what stands in a CDATA section stands for itself", () => {
  expect(parseXml("<a><![CDATA[&amp;]]>&amp;</a>").text).toBe("&amp;&");
});

describe("fast-xml-parser reads the same", () => {
  const name = fc.constantFrom("a", "b", "s:Body", "tds:Manufacturer", "tt:x-1._", "中文");
  const text = fc.constantFrom(
    "",
    " ",
    "7",
    "  a b ",
    "&lt;x&gt;",
    "\n",
    "<!-- c -->",
    "<![CDATA[<&]]>",
    "<?pi x?>",
  );
  const attributes = fc
    .uniqueArray(
      fc.tuple(fc.constantFrom("x", "tt:y", "xmlns", "xmlns:s"), fc.constantFrom("1", "urn:s", "'", "&#65;")),
      {
        selector: ([attribute]) => attribute,
      },
    )
    .map((each) => each.map(([attribute, value]) => ` ${attribute} = "${value}"`).join("\n"));
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .tuple(
        name,
        attributes,
        fc.array(fc.oneof({ depthSize: "small" }, text, tie("element")), { maxLength: 5 }),
      )
      .map(
        ([tag, has, content]) =>
          `<${tag}${has}${content.length === 0 ? "/>" : `>${content.join("")}</${tag} >`}`,
      ),
  }));

  test("of a document that is well-formed", () => {
    const judge = new XMLParser({
      preserveOrder: true,
      ignoreAttributes: false,
      attributeNamePrefix: "",
      removeNSPrefix: true,
      parseTagValue: false,
      trimValues: false,
      processEntities: false,
      ignorePiTags: true,
      cdataPropName: "#cdata",
    });
    fc.assert(
      fc.property(element, (document) => {
        const root = parseXml(`<?xml version="1.0"?>${document}`);
        expect([outline(root)]).toEqual(judged(judge.parse(document)));
      }),
    );
  });

  test("and refuses what is not, cut or with a character too many", () => {
    const damage = fc.constantFrom("<", ">", "/", '"', "=", "</a>", "<b>", "");
    // With an ampersand we are more lenient.
    const plain = element.map((document) => document.replaceAll("&", ""));
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(8), damage, (document, place, removed, added) => {
        const at = place % document.length;
        const damaged = document.slice(0, at) + added + document.slice(at + removed);
        // It lets pass what we refuse, so that only this way round holds.
        if (XMLValidator.validate(damaged) !== true)
          expect(() => parseXml(damaged)).toThrow(MalformedXmlError);
      }),
    );
  });
});

interface Outline {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Outline[];
}

const outline = ({ children, name, text }: XmlElement): Outline => ({
  name,
  text,
  children: children.map(outline),
});

/** Its ordered form: `{ <name>: [...], ":@": {…} }`, `{ "#text": … }`, `{ "#cdata": [{ "#text": … }] }`. */
function judged(nodes: readonly Readonly<Record<string, unknown>>[]): Outline[] {
  return nodes.flatMap((node) => {
    const [name] = Object.keys(node).filter((key) => !/^[:#?]/.test(key));
    const content = name === undefined ? undefined : node[name];
    if (name === undefined || !Array.isArray(content)) return [];
    return [{ name, text: content.map(ownText).join("").trim(), children: judged(content) }];
  });
}

function ownText(node: Readonly<Record<string, unknown>>): string {
  const cdata = node["#cdata"];
  if (Array.isArray(cdata)) return cdata.map((each) => String(each["#text"] ?? "")).join("");
  return String(node["#text"] ?? "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
}

test("an element that is not there is undefined, and so is an empty text", () => {
  const root = parseXml("<a><b/></a>");
  expect(descend(root, "b", "c")).toBeUndefined();
  expect(textAt(root, "b")).toBeUndefined();
});

describe("hostile documents are refused", () => {
  test.each([
    ["nothing", ""],
    ["no XML", "HTTP/1.1 200 OK"],
    ["an element that is not closed", "<a><b></a>"],
    ["two roots", "<a/><b/>"],
    [
      "an entity bomb",
      `<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;&y;&y;</a>`,
    ],
    ["an entity that reads a file", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`],
    ["a name that would reach into every object", `<a><constructor prototype="x"/></a>`],
    ["more depth than any answer has", `${"<a>".repeat(1000)}${"</a>".repeat(1000)}`],
    ["more text than any answer has", `<a>${"x".repeat(XML_CHARACTERS_MAX)}</a>`],
  ])("%s", (_, document) => {
    expect(() => parseXml(document)).toThrow(MalformedXmlError);
  });

  test("whatever the bytes are, there is an element or this one error", () => {
    const pieces = fc.constantFrom(
      "<a>",
      "</a>",
      "<a/>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "-->",
      "&#x0;",
      '"',
      "b='",
      ">",
      "<",
      "<?",
      "\0",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((each) => each.join("")),
        ),
        (document) => {
          try {
            expect(typeof parseXml(document).name).toBe("string");
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedXmlError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
