/** Every operation, asked for real: what it answers is what the OpenAPI document says that it answers. */
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Accounts } from "../accounts/accounts.ts";
import { AccountsStore } from "../accounts/accounts-store.ts";
import { everyRoleAt } from "../accounts/core/permissions.ts";
import { SignIn } from "../accounts/sign-in.ts";
import { openTrail } from "../audit/open-trail.ts";
import { problemSchema } from "./problem.ts";
import {
  type Answer,
  type Method,
  type OpenApi,
  type Operation,
  operationsOf,
} from "./testing/operations.ts";
import { PASSWORD, STORY, type Step } from "./testing/story.ts";
import { folderOfWorld, openFolder, SITE, title, type World, world } from "./testing/world.ts";

/** What comes first where the story says nothing: things are made before they are read, and removed last. */
const ORDER: readonly Method[] = ["POST", "PUT", "GET", "PATCH", "DELETE"];
/** The ways to an identity provider are gone with a real one in `identity-provider.test.ts`; the site is changed in its own test. */
const ELSEWHERE = [
  "GET /api/v1/sign-in/provider",
  "GET /api/v1/sign-in/provider/callback",
  "POST /api/v1/sign-in/provider/logout",
  "PUT /api/v1/settings/site",
  "DELETE /api/v1/settings/site",
];

const now = Date.now;
const closing: (() => unknown)[] = [];
let here: World;
let operations: readonly Operation[];
let ajv: Ajv;

const inOrder = (): readonly Operation[] => {
  const place = ({ method, name }: Operation): number => {
    const told = STORY.findIndex((step) => step.name === name);
    if (told < 0) return STORY.length + ORDER.indexOf(method);
    return STORY[told]?.last === true ? STORY.length + ORDER.length : told;
  };
  return operations.filter(({ name }) => !ELSEWHERE.includes(name)).toSorted((a, b) => place(a) - place(b));
};

async function ask(operation: Operation, { body, bodyAfter, file, url }: Partial<Step>, answers: object) {
  const sent = bodyAfter?.({ ...answers }) ?? body ?? operation.body;
  const type = file?.type ?? (sent === undefined ? undefined : "application/json");
  return here.server.inject({
    method: operation.method,
    url: url?.({ ...answers }) ?? operation.url,
    headers: {
      host: "hub.example",
      origin: "http://hub.example",
      ...(type === undefined ? {} : { "content-type": type }),
    },
    ...(type === undefined ? {} : { payload: file?.content ?? JSON.stringify(sent) }),
  });
}

/** What is wrong with an answer by what the document says; undefined where nothing is. */
function fault(answers: Operation["answers"], status: number, type: string, body: string): unknown {
  const answer: Answer | undefined = answers[status];
  if (answer === undefined) return `answers ${status}, which is not in the document: ${body.slice(0, 200)}`;
  if (body === "") return answer.content === undefined ? undefined : "is empty";
  const { schema } = answer.content?.[type] ?? {};
  if (schema === undefined) return `is ${type}, and the document says ${Object.keys(answer.content ?? {})}`;
  if (type !== "application/json") return undefined;
  const check = ajv.compile(
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')),
  );
  return check(JSON.parse(body)) ? undefined : check.errors?.[0];
}

const typeOf = (header: unknown): string => String(header ?? "").split(";")[0] ?? "";

describe("every operation", () => {
  beforeAll(async () => {
    const close = await openFolder();
    const store = new AccountsStore(join(folderOfWorld(), "accounts.sqlite"));
    const trail = openTrail(folderOfWorld(), 6, title("hub"), now);
    closing.push(
      close,
      () => store.close(),
      () => trail.close(),
    );
    const signIn = new SignIn({ store, now, cost: { memory: 64, passes: 1 } });
    const accounts = new Accounts({ store, signIn, now });
    const grants = everyRoleAt("");
    const own = { title: "wang", grants, password: PASSWORD, own: true };
    const { id } = await accounts.add({ name: "wang", ...own });
    const desk = { user: "wang", password: PASSWORD, address: "127.0.0.1", agent: "" };
    const sessions: string[] = [];
    for (const _ of ["this one", "another"]) {
      await signIn.signIn({ ...desk, code: undefined, device: undefined });
      sessions.push(...accounts.sessions(id).map(({ hash }) => hash));
    }
    const [session = ""] = sessions;
    const caller = { user: "wang", title: title("wang"), grants, account: id, session, confirmed: true };
    here = await world(() => caller, {
      accounts: { accounts, signIn, secure: false },
      trail,
      clearing: { ownHubTraces: () => [], begin: () => undefined },
      testWebhook: async () => ({
        number: 1,
        message: "test-1",
        type: "t",
        path: "990100/990102",
        at: 1,
        took_ms: 2,
        result: "delivered",
      }),
    });
    operations = operationsOf(here.server);
    const { components } = here.server.swagger() as unknown as OpenApi;
    ajv = new Ajv({ allowUnionTypes: true, strict: false });
    ajv.addSchema({ $id: "document", components });
  });
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  test("does what it is asked for, and answers with the status, the type and the content of the document", async () => {
    const answers: Record<string, unknown> = {};
    const wrong: unknown[] = [];
    for (const operation of inOrder()) {
      const step = STORY.find(({ name }) => name === operation.name) ?? {};
      const { body, headers, statusCode } = await ask(operation, step, answers);
      const type = typeOf(headers["content-type"]);
      const found = fault(operation.answers, statusCode, type, body);
      if (found !== undefined) wrong.push([operation.name, found]);
      else if (type === "application/json") answers[operation.name] = JSON.parse(body);
    }
    expect(wrong).toEqual([]);
    expect(operations.length).toBeGreaterThan(150);
  });

  test("that answers a list answers it in pages, with words to look for, and says so in the document", () => {
    const cursors = ["after", "before"];
    const isList = ({ answers }: Operation): boolean => {
      const schema = answers[200]?.content?.["application/json"]?.schema;
      return schema !== undefined && "type" in schema && schema.type === "array";
    };
    const lists = operations.filter((operation) => operation.method === "GET" && isList(operation));
    const whole = lists.filter(({ query }) => !cursors.some((name) => query.includes(name)));
    expect(whole.map(({ name }) => name)).toEqual([]);
    expect(lists.length).toBeGreaterThan(30);
    const paged = operations.filter(({ query }) => query.includes("after"));
    expect(paged.filter(({ query }) => !query.includes("text")).map(({ name }) => name)).toEqual([]);
    const unlinked = paged.filter(({ answers }) => !("link" in (answers[200]?.headers ?? {})));
    expect(unlinked.map(({ name }) => name)).toEqual([]);
  });

  test("that reads JSON says which answer it is, and is not asked to send the same again", async () => {
    const sent: string[] = [];
    let again = 0;
    for (const operation of operations.filter(({ method }) => method === "GET")) {
      const { method, name, url } = operation;
      const { headers, statusCode } = await here.server.inject({ method, url });
      if (statusCode !== 200 || typeOf(headers["content-type"]) !== "application/json") continue;
      const tag = String(headers.etag);
      const second = await here.server.inject({ method, url, headers: { "if-none-match": tag } });
      if (second.statusCode === 304 && second.body === "") again += 1;
      // Looking is written down: what the audit trail answers is another thing each time.
      else if (!name.endsWith("/audit")) sent.push(name);
    }
    expect(sent).toEqual([]);
    expect(again).toBeGreaterThan(60);
  });

  test.each([
    ["zh", /[\u4e00-\u9fff]/, /^$/],
    ["en", /[a-z]/, /[\u4e00-\u9fff]/],
  ])("refuses what makes no sense by the document's problem, in %s", async (language, has, hasNot) => {
    const check = ajv.compile(problemSchema);
    const wrong: unknown[] = [];
    const nonsense = operations.filter(({ body, method }) => body !== undefined && method !== "GET");
    for (const { method, name, url } of nonsense)
      for (const payload of ["[", '"text"', "{}"]) {
        const headers = { "content-type": "application/json", "accept-language": language };
        const {
          body,
          headers: got,
          statusCode,
        } = await here.server.inject({ method, url, headers, payload });
        if (statusCode < 400) continue;
        const problem = JSON.parse(body) as { status: number; title: string; detail?: string };
        const isOurs = check(problem) && typeOf(got["content-type"]) === "application/problem+json";
        const said = [problem.title, problem.detail ?? problem.title];
        const isSaid = said.every((text) => has.test(text) && !hasNot.test(text));
        if (!isOurs || !isSaid || problem.status !== statusCode) wrong.push([name, payload, body]);
      }
    expect(wrong).toEqual([]);
    expect(nonsense.length).toBeGreaterThan(40);
  });
});

test("an answer is passed on as it was made, neither cut nor converted to fit its schema", async () => {
  const close = await openFolder();
  const odd = await world(undefined, { site: Object.assign({ more: 1 }, SITE) });
  expect(await (await fetch(`${odd.url}/api/v1/site`)).json()).toHaveProperty("more", 1);
  await close();
});
