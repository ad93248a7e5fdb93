/**
 * The one page of a hub that has no configuration yet, over HTTP on loopback: whoever is on this machine may make it theirs, as
 * they could with `campus-ops init`.
 *
 *   GET  /              the form
 *   GET  /set-up/state  → { setUp: true }, for a page of the console that waits
 *   POST /set-up        the form, urlencoded → the address of the hub that was made, or the form with what is wrong
 */
import { OperatorError } from "@campus-ops/service";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { MadeHub } from "../make-hub.ts";
import { donePage, type Entered, FIELDS, formPage, languageAsked, STYLE } from "./page.ts";

export const FORM_BYTES_MAX = 16 * 1024;

/** The names that we are called by; a foreign name that resolves to 127.0.0.1 is refused (DNS rebinding). */
const LOOPBACK_NAMES: readonly string[] = ["127.0.0.1", "localhost"];

export interface SetUpParts {
  readonly port: number;
  /** What the form says before anybody typed. */
  readonly standard: Entered;
  /** Throws {@link OperatorError} for answers that cannot be. */
  readonly make: (entered: Entered, password: string, language: "zh" | "en") => Promise<MadeHub>;
  /** Called once the hub is made and whoever made it has their answer. */
  readonly made: () => void;
}

export async function serveSetUp({ made, make, port, standard }: SetUpParts): Promise<FastifyInstance> {
  const server = fastify({ forceCloseConnections: true, bodyLimit: FORM_BYTES_MAX });
  let busy = false;

  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  server.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "content-security-policy":
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cache-control": "no-store",
    });
    if (!isOurs(request)) return reply.code(403).type("text/plain").send("this machine alone\n");
  });

  server.get("/", (_request, reply) => reply.type(HTML).send(formPage(standard, undefined)));
  server.get("/set-up.css", (_request, reply) => reply.type("text/css; charset=utf-8").send(STYLE));
  server.get("/set-up/state", () => ({ setUp: true }));
  // A page of the console that was open is led here.
  server.setNotFoundHandler((request, reply) =>
    request.method === "GET" ? reply.redirect("/", 303) : reply.code(404).send(),
  );

  server.post<{ Body: unknown }>(
    "/set-up",
    {
      onResponse: (_request, reply, done) => {
        if (reply.statusCode === 201) made();
        done();
      },
    },
    async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const entered = Object.fromEntries(
        FIELDS.map((field) => [field, (form.get(field) ?? "").trim()]),
      ) as Entered;
      const language = languageAsked(request.headers["accept-language"]);
      const refuse = (status: number, problem: string) =>
        reply.code(status).type(HTML).send(formPage(entered, problem));
      if (busy)
        return refuse(409, say(language, "正在创建，请稍候", "it is being made already; wait a moment"));
      busy = true;
      try {
        const hub = await make(entered, passwordIn(form, language), language);
        const address = `https://${request.hostname}:${port}/settings/first-steps`;
        return reply.code(201).type(HTML).send(donePage(address, hub.pin));
      } catch (error) {
        busy = false;
        if (error instanceof OperatorError) return refuse(400, error.message);
        throw error;
      }
    },
  );

  await server.listen({ host: "127.0.0.1", port });
  return server;
}

const HTML = "text/html; charset=utf-8";

/** A page of somebody else's that a browser here has open may neither read nor write. */
function isOurs({ headers, hostname, method }: FastifyRequest): boolean {
  if (!LOOPBACK_NAMES.includes(hostname)) return false;
  if (method === "GET" || headers.origin === undefined) return true;
  return URL.parse(headers.origin)?.host === headers.host;
}

function passwordIn(form: URLSearchParams, language: "zh" | "en"): string {
  const password = form.get("password") ?? "";
  if (password !== "" && password === form.get("again")) return password;
  throw new OperatorError(say(language, "两次输入的密码不一致", "the two passwords are not the same"));
}

const say = (language: "zh" | "en", zh: string, en: string): string => (language === "zh" ? zh : en);
