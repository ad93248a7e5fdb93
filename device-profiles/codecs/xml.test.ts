import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descend, escapeXml, MalformedXmlError, parseXml, textAt, XML_CHARACTERS_MAX } from "./xml.ts";

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
