/**
 * Whatever a device sends, its parsers say what is wrong in their own words: documents made of the words that the parsers
 * look for, in any order and number, and bytes of any kind. A parser that is added is tried as well.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CardIdentityError } from "./card-identity.ts";
import * as isapi from "./isapi.ts";
import { MalformedDocumentError, parseIsapi } from "./isapi-document.ts";
import * as onvifResponses from "./onvif-responses.ts";
import * as onvifServices from "./onvif-services.ts";
import { OsdpFrameError } from "./osdp-frame.ts";
import * as osdp from "./osdp-messages.ts";
import { escapeXml, MalformedXmlError, parseXml } from "./xml.ts";

const textOf = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");

/** The words in quotation marks that a module looks for, which is what its documents are made of. */
const wordsOf = (file: string): readonly string[] => [
  ...new Set([...textOf(file).matchAll(/"([A-Za-z][A-Za-z0-9]*)"/g)].map(([, word]) => word ?? "")),
];

const VALUES = [
  "",
  "1",
  "-1",
  "1e999",
  "true",
  "2026-09-01T08:00:00Z",
  "PT60S",
  "0",
  "张三",
  "http://192.0.2.1/x",
];

function documentOf(file: string): fc.Arbitrary<string> {
  const words = wordsOf(file);
  const name = fc.constantFrom(...words);
  const value = fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 8 })).map(escapeXml);
  const { element } = fc.letrec<{ element: string }>((tie) => ({
    element: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.tuple(name, value).map(([word, text]) => `<a:${word}>${text}</a:${word}>`),
      fc
        .tuple(name, name, value, fc.array(tie("element"), { maxLength: 4 }))
        .map(
          ([word, key, text, inside]) =>
            `<${word} ${key}="${text}" token="${text}">${inside.join("")}</${word}>`,
        ),
    ),
  }));
  return fc
    .array(element, { maxLength: 3 })
    .map((all) => `<s:Envelope xmlns:s="e" xmlns:a="b"><s:Body>${all.join("")}</s:Body></s:Envelope>`);
}

type Parser = (...given: readonly unknown[]) => unknown;

/** Functions of a module whose names say that they read something. */
const parsersOf = (module: object): readonly (readonly [string, Parser])[] =>
  Object.entries(module).filter(
    (each): each is [string, Parser] => each[0].startsWith("parse") && typeof each[1] === "function",
  );

describe.each([
  ["onvif-responses.ts", onvifResponses],
  ["onvif-services.ts", onvifServices],
] as const)("%s", (file, module) => {
  const parsers = parsersOf(module).filter(([name]) => name !== "parseSoap");

  test.each(parsers)("%s takes any document for what it holds, or for nothing", (_, parse) => {
    fc.assert(
      fc.property(documentOf(file), (document) => {
        const answer = onvifResponses.parseSoap(document);
        if (answer?.kind === "body") parse(answer.body);
        else parse(parseXml(document));
      }),
    );
  });

  test("a document that is cut anywhere is no document, or one that holds less", () => {
    fc.assert(
      fc.property(documentOf(file), fc.double({ min: 0, max: 1, noNaN: true }), (document, share) => {
        try {
          onvifResponses.parseSoap(document.slice(0, Math.floor(document.length * share)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedXmlError);
        }
      }),
    );
  });
});

describe("isapi.ts", () => {
  const parsers = parsersOf(isapi).filter(([name]) => name !== "parseDeviceTime");

  test.each(parsers)("%s takes any document for what it holds, or for nothing", (_, parse) => {
    fc.assert(
      fc.property(documentOf("isapi.ts"), (document) => {
        try {
          parse(parseIsapi(new TextEncoder().encode(document)), 1);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDocumentError);
        }
      }),
    );
  });
});

describe("osdp-messages.ts", () => {
  test.each(parsersOf(osdp))("%s takes any bytes for what they hold, or refuses them", (_, parse) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        try {
          parse(data);
        } catch (error) {
          // A card whose bits cannot be is a misread one, and no broken frame.
          const isOwn = error instanceof OsdpFrameError || error instanceof CardIdentityError;
          expect(isOwn, String(error)).toBe(true);
        }
      }),
    );
  });
});

describe("every codec", () => {
  /** Their parsers are found above without being named. */
  const FOUND = new Set(["isapi.ts", "onvif-responses.ts", "onvif-services.ts", "osdp-messages.ts"]);
  /** Used by the splitter beside them alone, which is fuzzed. */
  const INSIDE = new Set(["FrameSplitter", "decodeFrame"]);
  const files = readdirSync(import.meta.dirname);
  const fuzzed = files.filter((file) => file.endsWith(".test.ts") && textOf(file).includes("fc.assert"));
  const parsers = files
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !FOUND.has(file))
    .flatMap((file) =>
      [
        ...textOf(file).matchAll(/^export (?:function|class) ((?:parse|decode)\w*|\w*(?:Splitter|Parser))/gm),
      ].map(([, name]) => [file, name ?? ""] as const),
    )
    .filter(([, name]) => !INSIDE.has(name));

  test.each(parsers)("%s: %s is fed at random in a test", (_, name) => {
    const word = new RegExp(`\\b${name}\\b`);
    expect(fuzzed.filter((file) => word.test(textOf(file)))).not.toEqual([]);
  });
});
