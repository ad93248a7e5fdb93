import { type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { OperatorError } from "@campus-ops/service";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Entered } from "./page.ts";
import { FORM_BYTES_MAX, type SetUpParts, serveSetUp } from "./server.ts";

const STANDARD: Entered = {
  cityCode: "990100",
  city: "示范市",
  countyCode: "990102",
  county: "东县",
  campusId: "first",
  campus: "第一中学",
  campuses: "",
  edgeRanges: "",
  names: "10.0.0.5",
  administrator: "chief",
  mqttsPort: "8883",
  enrolmentPort: "8884",
};
const PASSWORD = "orange tram over river";

let server: FastifyInstance;
let port: number;
let asked: { entered: Entered; password: string }[];
let made: PromiseWithResolvers<void>;
let make: SetUpParts["make"];

beforeEach(async () => {
  asked = [];
  made = Promise.withResolvers();
  make = async (entered, password) => {
    asked.push({ entered, password });
    return { file: "hub.yaml", pki: "pki", pin: "AB:CD", password: undefined };
  };
  server = await serveSetUp({
    port: 0,
    standard: STANDARD,
    make: (...given) => make(...given),
    made: made.resolve,
  });
  port = (server.server.address() as AddressInfo).port;
});
afterEach(() => server.close());

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Headers that `fetch` would not let be chosen. */
function send(method: string, path: string, headers: IncomingHttpHeaders, body = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on("error", reject).end(body);
  });
}

const form = (more: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({ ...STANDARD, password: PASSWORD, again: PASSWORD, ...more }).toString();
const post = (body: string, headers: IncomingHttpHeaders = {}): Promise<Answer> =>
  send("POST", "/set-up", { "content-type": "application/x-www-form-urlencoded", ...headers }, body);

test("what was typed is handed on, and the page leads to the hub that is made", async () => {
  const { status, text } = await post(form({ campusId: "  first " }));
  expect(status).toBe(201);
  expect(text).toContain("AB:CD");
  expect(text).toContain("/settings/first-steps");
  await made.promise;
  expect(asked).toEqual([{ entered: STANDARD, password: PASSWORD }]);
});

test("a name that is not ours, and another site's page, reach nothing", async () => {
  expect((await send("GET", "/", { host: "hub.attacker.example" })).status).toBe(403);
  expect((await post(form(), { origin: "https://attacker.example" })).status).toBe(403);
  expect((await post(form(), { origin: "null" })).status).toBe(403);
  expect(asked).toEqual([]);
  expect((await post(form(), { origin: `http://127.0.0.1:${port}` })).status).toBe(201);
});

test("answers that cannot be come back with what is wrong, never with the password, and as no markup", async () => {
  make = async () => {
    throw new OperatorError("no <such> code");
  };
  const { status, text } = await post(form({ city: '"><script>alert(1)</script>' }));
  expect(status).toBe(400);
  expect(text).toContain("no &#60;such&#62; code");
  expect(text).not.toContain("<script>");
  expect(text).not.toContain(PASSWORD);
  expect(text).toContain('value="990102"');
});

test("two passwords that differ make nothing, and are told of in the caller's language", async () => {
  expect((await post(form({ again: "another" }), { "accept-language": "en" })).text).toContain(
    "not the same",
  );
  expect((await post(form({ again: "another" }))).text).toContain("不一致");
  expect(asked).toEqual([]);
});

test("a form that is too large is refused before it is read", async () => {
  expect((await post(form({ city: "市".repeat(FORM_BYTES_MAX) }))).status).toBe(413);
  expect(asked).toEqual([]);
});

test("one hub is made, however often the button is pressed", async () => {
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  make = async () => {
    begun.resolve();
    await goOn.promise;
    return { file: "hub.yaml", pki: "pki", pin: "AB:CD", password: undefined };
  };
  const first = post(form());
  await begun.promise;
  expect((await post(form())).status).toBe(409);
  goOn.resolve();
  expect((await first).status).toBe(201);
});

test("a page of the console that waits is told, and one that is loaded again is led to the form", async () => {
  expect((await send("GET", "/set-up/state", {})).text).toBe('{"setUp":true}');
  expect((await send("GET", "/alarms", {})).status).toBe(303);
});
